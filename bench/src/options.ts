import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.ts';
import type { HoldfastStore } from './contenders/holdfast.ts';
import type { Scale } from './scale.ts';

/** What a run was asked to do. */
export interface Options {
  readonly cases: readonly string[];
  readonly contenders: readonly string[];
  /** What was asked for instead of the scale that a case has by itself. */
  readonly scale: Partial<Scale>;
  readonly accessLog: boolean;
  readonly store: HoldfastStore;
  readonly profile: boolean;
  readonly write: boolean;
}

export const USAGE = `usage: npm run bench -- [options]

  --case a,b         what to measure, listed below; all for every one (default: warm)
  --contenders a,b   holdfast, haproxy, nginx, caddy, http-proxy, fastify-http-proxy (default: all)
  --rounds N         times that every contender is measured, in turn
  --seconds N        measured seconds of one contender in one round
  --warm-up N        seconds of load on each contender before the first round
  --connections N    client connections, each with one request at a time
  --sessions N       sessions that the requests belong to
  --access-log on    one line per request into a file, for every contender (default: off)
  --store NAME       Holdfast's session map: memory, sqlite or redis (default: sqlite)
  --profile          write CPU profiles of Holdfast into .cache/ (its figures then include the profiler)
  --write            put the tables into the pages of docs/, and some into README.md
  --help             show this`;

const OPTIONS = {
  case: { type: 'string', default: 'warm' },
  contenders: { type: 'string', default: 'holdfast,haproxy,nginx,caddy,http-proxy,fastify-http-proxy' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  connections: { type: 'string' },
  sessions: { type: 'string' },
  'access-log': { type: 'string', default: 'off' },
  store: { type: 'string', default: 'sqlite' },
  profile: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Reads the command line; `help` when that is all that was asked for. Throws a {@link BenchError} on a mistake. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const values = readValues(args);
  if (values.help) return 'help';
  return {
    cases: values.case.split(','),
    contenders: values.contenders.split(','),
    scale: {
      ...ifGiven('rounds', 'rounds', values.rounds),
      ...ifGiven('seconds', 'seconds', values.seconds),
      ...ifGiven('warmUpSeconds', 'warm-up', values['warm-up']),
      ...ifGiven('connections', 'connections', values.connections),
      ...ifGiven('sessions', 'sessions', values.sessions),
    },
    accessLog: oneOf('access-log', values['access-log'], ['on', 'off']) === 'on',
    store: oneOf('store', values.store, ['memory', 'sqlite', 'redis']),
    profile: values.profile,
    write: values.write,
  };
}

function readValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new BenchError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

const ifGiven = (key: keyof Scale, option: string, text: string | undefined): Partial<Scale> =>
  text === undefined ? {} : { [key]: positiveInteger(option, text) };

function positiveInteger(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new BenchError(`--${name} expects a whole number from 1, not "${text}"`);
}

function oneOf<Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const value = values.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  throw new BenchError(`--${name} expects ${values.join(' or ')}, not "${text}"`);
}
