import { z } from 'zod';
import { type AskOptions, askAdmin } from './admin-client.ts';
import { table } from './table.ts';
import type { ExitCode, Terminal } from './terminal.ts';

const count = z.number();

/** What `/status` says that a person wants to see first; there is more, and there may be less while workers start. */
const report = z.looseObject({
  cluster: z.string().optional(),
  node: z.string().optional(),
  phase: z.string(),
  pid: count,
  uptimeSeconds: count,
  store: z.looseObject({ kind: z.string(), state: z.string() }).optional(),
  requests: z.looseObject({ requests: count, retries: count }).optional(),
  listeners: z.array(z.looseObject({ name: z.string(), openConnections: count })).default([]),
  pools: z
    .array(
      z.looseObject({
        endpoints: z.array(
          z.looseObject({
            id: z.string(),
            standing: z.string(),
            healthCheck: z.string(),
            inFlight: count,
            waiting: count,
          }),
        ),
      }),
    )
    .default([]),
  workers: z
    .array(
      z.looseObject({
        worker: count,
        pid: count.optional(),
        phase: z.string().optional(),
        requests: count.optional(),
      }),
    )
    .optional(),
  pinned: z.record(z.string(), count).optional(),
});
type Report = z.output<typeof report>;

/** Shows what a node says of itself. */
export const status = (options: AskOptions, terminal: Terminal): Promise<ExitCode> =>
  askAdmin(options, terminal, { path: '/status', answer: report }, words);

const words = (said: Report): string =>
  [
    factsOf(said),
    table(
      ['listener', 'connections'],
      said.listeners.map(({ name, openConnections }) => [name, openConnections]),
    ),
    table(
      ['endpoint', 'standing', 'health check', 'sessions', 'in flight', 'waiting'],
      said.pools.flatMap(({ endpoints }) => endpoints).map((endpoint) => rowOf(endpoint, said.pinned)),
    ),
    ...(said.workers === undefined ? [] : [workersOf(said.workers)]),
  ].join('\n\n');

function factsOf({ cluster, node, phase, pid, uptimeSeconds, store, requests }: Report): string {
  return [
    `node ${node ?? '-'} of cluster ${cluster ?? '-'}: ${phase} for ${uptimeSeconds} s, process ${pid}`,
    `store ${store?.kind ?? '-'}: ${store?.state ?? 'unknown'}`,
    `requests ${requests?.requests ?? 0}, retries ${requests?.retries ?? 0}`,
  ].join('\n');
}

const rowOf = (
  { id, standing, healthCheck, inFlight, waiting }: Report['pools'][number]['endpoints'][number],
  pinned: Report['pinned'],
) => [id, standing, healthCheck, pinned && (pinned[id] ?? 0), inFlight, waiting];

const workersOf = (workers: NonNullable<Report['workers']>): string =>
  table(
    ['worker', 'process', 'phase', 'requests'],
    workers.map(({ worker, pid, phase, requests }) => [worker, pid, phase, requests]),
  );
