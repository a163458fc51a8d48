import { formatDuration, parseDuration } from '@holdfast/shared';
import {
  type EndpointView,
  endpointList,
  endpointView,
  terminationView,
  undrainedView,
} from '../admin/api.ts';
import { findAdmin } from './admin-address.ts';
import { AdminClient, type AskOptions, askAdmin } from './admin-client.ts';
import { table } from './table.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast endpoints drain` is told. */
export interface DrainOptions extends AskOptions {
  readonly deadline?: string;
  readonly wait?: string | true;
}

/** How long one question waits, less than its answer may take; a longer wait is several of them. */
const WAIT_STEP_MS = 10_000;
/** How long `--wait` waits where nothing is said. */
const WAIT_DEFAULT = '10m';

export const listEndpoints = (options: AskOptions, terminal: Terminal): Promise<ExitCode> =>
  askAdmin(options, terminal, { path: '/endpoints', answer: endpointList }, ({ endpoints }) =>
    table(
      ['endpoint', 'standing', 'sessions', 'in flight', 'waiting', 'weight', 'deadline', 'url'],
      endpoints.map(rowOf),
    ),
  );

const rowOf = (endpoint: EndpointView) => [
  endpoint.id,
  endpoint.standing,
  endpoint.pinned,
  endpoint.inFlight,
  endpoint.waiting,
  endpoint.weight,
  endpoint.drain?.deadline,
  endpoint.url,
];

/** Has an endpoint drain, and waits for its end to be noticed by nobody where that is wanted. */
export async function drainEndpoint(
  id: string,
  options: DrainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = pathOfEndpoint(id, terminal);
  const waitMs = waitOf(options.wait, terminal);
  if (path === undefined || waitMs === undefined) return EXIT.usage;
  const body = options.deadline === undefined ? {} : { deadline: options.deadline };
  const request = { method: 'PUT', path: `${path}/drain`, body, answer: endpointView } as const;
  const exitCode = await askAdmin(options, terminal, request, drainWords);
  return exitCode !== EXIT.ok || options.wait === undefined
    ? exitCode
    : untilSafe(path, waitMs, options, terminal);
}

export async function undrainEndpoint(
  id: string,
  options: AskOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = pathOfEndpoint(id, terminal);
  if (path === undefined) return EXIT.usage;
  const request = { method: 'DELETE', path: `${path}/drain`, answer: undrainedView } as const;
  return askAdmin(options, terminal, request, ({ standing }) => `${id} is ${standing}`);
}

async function untilSafe(
  path: string,
  waitMs: number,
  options: AskOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const address = await findAdmin(options, terminal);
  if (address === undefined) return EXIT.usage;
  const client = new AdminClient(address, terminal);
  for (let leftMs = waitMs; ; leftMs -= WAIT_STEP_MS) {
    const wait = formatDuration(Math.max(0, Math.min(leftMs, WAIT_STEP_MS)));
    const answer = await client.ask({
      path: `${path}/safe-to-terminate?wait=${wait}`,
      answer: terminationView,
      alsoAnswers: [503],
    });
    if (answer === undefined) return EXIT.failure;
    const { safe, reasons } = answer.value;
    if (options.json === true) terminal.print(answer.text);
    else terminal.print(safe ? 'safe to terminate' : `not yet: ${reasons.join('; ')}`);
    if (safe) return EXIT.ok;
    if (leftMs <= WAIT_STEP_MS) return EXIT.failure;
  }
}

function drainWords({ id, pinned, inFlight, drain }: EndpointView): string {
  const until = drain?.deadline === undefined ? 'no deadline' : `deadline ${drain.deadline}`;
  return `${id} drains, ${until}: ${pinned ?? 'unknown'} sessions left, ${inFlight} requests under way`;
}

/** The path of an endpoint that is named as `pool/id`. */
export function pathOfEndpoint(id: string, terminal: Terminal): string | undefined {
  const [, pool, name] = /^([^/]+)\/(.+)$/.exec(id) ?? [];
  if (pool !== undefined && name !== undefined)
    return `/endpoints/${encodeURIComponent(pool)}/${encodeURIComponent(name)}`;
  terminal.complain(`holdfast: expected an endpoint such as shop/shop-1, found ${id}`);
  return undefined;
}

function waitOf(wait: string | true | undefined, terminal: Terminal): number | undefined {
  const waitMs = parseDuration(wait === undefined || wait === true ? WAIT_DEFAULT : wait);
  if (waitMs === undefined)
    terminal.complain(`holdfast: expected a duration such as 10m for --wait, found ${wait}`);
  return waitMs;
}
