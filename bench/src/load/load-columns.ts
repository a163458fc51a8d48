import type { Contender } from '../contenders/contender.ts';
import { STORE_OPERATIONS, type StoreOperations } from '../contenders/holdfast-status.ts';
import type { Conditions } from '../entrant.ts';
import {
  type Column,
  conductColumns,
  fixed,
  mediansColumn,
  ratioColumn,
  roundsColumn,
  spreadColumn,
} from '../report/columns.ts';
import type { Series } from '../rounds.ts';
import type { LoadTrial } from '../trial.ts';
import { LEAD_IN_SECONDS } from './load-entry.ts';

const SATURATED_SHARE = 0.95;
const DISTURBED_SHARE = 0.05;

export const throughput = ({ load }: LoadTrial): number => load.requestsPerSecond;

export const cpuUs = ({ usage }: LoadTrial): number => usage.userUsPerRequest + usage.systemUsPerRequest;

/** CPU time for one of what the case counts: a request, a message. */
export const cpuColumns = (unit: string): readonly Column<LoadTrial>[] => [
  spreadColumn(`CPU µs/${unit}`, cpuUs, 1),
  mediansColumn(
    'user + system',
    [({ usage }) => usage.userUsPerRequest, ({ usage }) => usage.systemUsPerRequest],
    1,
    ' + ',
  ),
  ratioColumn(cpuUs),
];

/** The table of a case whose load is closed: each connection sends when it has its answer. */
export const closedLoopColumns = (unit: string): readonly Column<LoadTrial>[] => [
  spreadColumn(`${unit}s/s`, throughput, 0),
  ratioColumn(throughput),
  ...cpuColumns(unit),
  mediansColumn('p50 / p99 ms', [({ load }) => load.latencyMs.p50, ({ load }) => load.latencyMs.p99], 2),
  ...conductColumns,
  // Only then is its throughput its limit.
  roundsColumn('core full', ({ usage }) => usage.proxyShare >= SATURATED_SHARE),
];

const BYTES_PER_MIB = 1_024 * 1_024;

/** The same for a case with large bodies: what a MiB of them costs. */
export const bulkColumns = (bodyBytes: number): readonly Column<LoadTrial>[] => [
  spreadColumn('MiB/s', (trial) => (throughput(trial) * bodyBytes) / BYTES_PER_MIB, 0),
  spreadColumn('CPU µs/MiB', (trial) => (cpuUs(trial) * BYTES_PER_MIB) / bodyBytes, 0),
  ...closedLoopColumns('request'),
];

/** One trial as a line for who waits. */
export function describeTrial({ load, usage }: LoadTrial): string {
  return [
    `${fixed(load.requestsPerSecond, 0)}/s`,
    `${fixed(usage.userUsPerRequest + usage.systemUsPerRequest, 1)} µs each`,
    `p99 ${fixed(load.latencyMs.p99, 2)} ms`,
    `proxy ${percent(usage.proxyShare)}, others on its core ${percent(usage.foreignShare)}, load ${percent(usage.restShare)}`,
    `${load.errors} errors`,
  ].join('  ');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** How a run under load was measured. */
export const describeLoad = (conditions: Conditions): string =>
  `Median (least to greatest) of ${conditions.rounds} interleaved rounds of ${conditions.seconds} s, after ` +
  `${conditions.warmUpSeconds} s of warm-up each and ${LEAD_IN_SECONDS} s before each round; ` +
  `${conditions.connections} client connections, ` +
  `${fixed(conditions.sessions, 0)} warm sessions, access log ${conditions.accessLog ? 'on' : 'off'}.`;

/** What was asked of session maps, and whether others were at work on the machine. */
export const loadNotes = (all: readonly Series<LoadTrial>[]): readonly string[] => [
  ...all.flatMap(storeNote),
  ...disturbanceNote(all),
];

function storeNote({ contender, openingOperations, trials }: Series<LoadTrial>): readonly string[] {
  const operations = sumOperations(trials);
  if (openingOperations === undefined || operations === undefined) return [];
  const requests = trials.reduce((sum, { load }) => sum + load.requests, 0);
  return [
    `${contender.title}: operations on the session map until all sessions were open: ` +
      `${formatOperations(openingOperations)}; during ${fixed(requests, 0)} measured requests: ` +
      `${formatOperations(operations)}.`,
  ];
}

/** Operations on the session map over all rounds, where there is one. */
export function sumOperations(trials: readonly LoadTrial[]): StoreOperations | undefined {
  if (trials.some(({ storeOperations }) => storeOperations === undefined)) return undefined;
  const sums = STORE_OPERATIONS.map(
    (name) => [name, trials.reduce((sum, { storeOperations }) => sum + storeOperations![name], 0)] as const,
  );
  return Object.fromEntries(sums) as StoreOperations;
}

const formatOperations = (operations: StoreOperations): string =>
  STORE_OPERATIONS.map((name) => `${name} ${fixed(operations[name], 0)}`).join(', ');

function disturbanceNote(all: readonly Series<LoadTrial>[]): readonly string[] {
  const list = all
    .map(({ contender, trials }) => ({ contender, trials, disturbed: trials.filter(isDisturbed).length }))
    .filter(({ disturbed }) => disturbed > 0)
    .map(({ contender, trials, disturbed }) => disturbance(contender, disturbed, trials.length));
  if (list.length === 0) return [];
  return [`Rounds in which other programs took over 5 % of the proxy's core: ${list.join(', ')}.`];
}

const isDisturbed = ({ usage }: LoadTrial): boolean => usage.foreignShare > DISTURBED_SHARE;

const disturbance = ({ name }: Contender, disturbed: number, rounds: number): string =>
  `${name} ${disturbed} of ${rounds}`;
