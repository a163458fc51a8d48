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
  store: z.looseObject({ kind: z.string(), state: z.string(), mode: z.string().optional() }).optional(),
  members: z
    .array(
      z.looseObject({
        node: z.string(),
        state: z.string(),
        phase: z.string(),
        release: z.string(),
        fingerprint: z.string(),
        silentMs: count,
        holdsDown: z.array(z.string()),
      }),
    )
    .default([]),
  warnings: z.array(z.string()).default([]),
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
            heldDownBy: z.array(z.string()).default([]),
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
    [factsOf(said), ...said.warnings.map((warning) => `warning: ${warning}`)].join('\n'),
    membersOf(said.members),
    table(
      ['listener', 'connections'],
      said.listeners.map(({ name, openConnections }) => [name, openConnections]),
    ),
    table(
      ['endpoint', 'standing', 'held down by', 'health check', 'sessions', 'in flight', 'waiting'],
      said.pools.flatMap(({ endpoints }) => endpoints).map((endpoint) => rowOf(endpoint, said.pinned)),
    ),
    ...(said.workers === undefined ? [] : [workersOf(said.workers)]),
  ].join('\n\n');

function factsOf({ cluster, node, phase, pid, uptimeSeconds, store, requests }: Report): string {
  return [
    `node ${node ?? '-'} of cluster ${cluster ?? '-'}: ${phase} for ${uptimeSeconds} s, process ${pid}`,
    `store ${store?.kind ?? '-'}: ${store?.state ?? 'unknown'}, mode ${store?.mode ?? 'unknown'}`,
    `requests ${requests?.requests ?? 0}, retries ${requests?.retries ?? 0}`,
  ].join('\n');
}

const rowOf = (
  { id, standing, heldDownBy, healthCheck, inFlight, waiting }: Report['pools'][number]['endpoints'][number],
  pinned: Report['pinned'],
) => [
  id,
  standing,
  heldDownBy.join(', ') || '-',
  healthCheck,
  pinned && (pinned[id] ?? 0),
  inFlight,
  waiting,
];

const membersOf = (members: Report['members']): string =>
  table(
    ['node', 'state', 'phase', 'release', 'last beat', 'configuration', 'holds down'],
    members.map(({ node, state, phase, release, fingerprint, silentMs, holdsDown }) => [
      node,
      state,
      phase,
      release,
      `${(silentMs / 1000).toFixed(1)} s ago`,
      fingerprint,
      holdsDown.join(', ') || '-',
    ]),
  );

const workersOf = (workers: NonNullable<Report['workers']>): string =>
  table(
    ['worker', 'process', 'phase', 'requests'],
    workers.map(({ worker, pid, phase, requests }) => [worker, pid, phase, requests]),
  );
