import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.ts';
import type { HoldfastStore } from './contenders/holdfast.ts';

/** What a run was asked to do. */
export interface Options {
  readonly contenders: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly accessLog: boolean;
  readonly store: HoldfastStore;
  readonly profile: boolean;
  readonly write: boolean;
}

export const USAGE = `usage: npm run bench -- [options]

  --contenders a,b   holdfast, haproxy, nginx, caddy, http-proxy, fastify-http-proxy (default: all)
  --rounds N         times that every contender is measured, in turn (default: 10)
  --seconds N        measured seconds of one contender in one round (default: 3)
  --warm-up N        seconds of load on each contender before the first round (default: 4)
  --connections N    client connections, each with one request at a time (default: 64)
  --sessions N       sessions that the requests belong to (default: 5000)
  --access-log on    one line per request into a file, for every contender (default: off)
  --store NAME       Holdfast's session map: memory, sqlite or redis (default: sqlite)
  --profile          write CPU profiles of Holdfast into .cache/ (its figures then include the profiler)
  --write            put the table into docs/benchmarks.md
  --help             show this`;

const OPTIONS = {
  contenders: { type: 'string', default: 'holdfast,haproxy,nginx,caddy,http-proxy,fastify-http-proxy' },
  rounds: { type: 'string', default: '10' },
  seconds: { type: 'string', default: '3' },
  'warm-up': { type: 'string', default: '4' },
  connections: { type: 'string', default: '64' },
  sessions: { type: 'string', default: '5000' },
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
    contenders: values.contenders.split(','),
    rounds: positiveInteger('rounds', values.rounds),
    seconds: positiveInteger('seconds', values.seconds),
    warmUpSeconds: positiveInteger('warm-up', values['warm-up']),
    connections: positiveInteger('connections', values.connections),
    sessions: positiveInteger('sessions', values.sessions),
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

function positiveInteger(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new BenchError(`--${name} expects a whole number from 1, not "${text}"`);
}

function oneOf<Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const value = values.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  throw new BenchError(`--${name} expects ${values.join(' or ')}, not "${text}"`);
}
