import { STORE_OPERATIONS, type StoreOperations } from './contenders/holdfast-status.ts';
import type { Environment } from './environment.ts';
import type { Options } from './options.ts';
import type { Spread } from './stats.ts';
import type { Summary } from './summary.ts';
import { formatTable } from './table.ts';

const HEADINGS = [
  'proxy',
  'requests/s',
  '÷ HAProxy',
  'CPU µs/request',
  'user + system',
  '÷ HAProxy',
  'p50 / p99 ms',
  'errors',
  'moved',
  'core full',
];

/** The report of a run as Markdown that also reads well in a terminal. */
export const formatReport = (
  summaries: readonly Summary[],
  options: Options,
  environment: Environment,
): string =>
  [
    formatTable([HEADINGS, ...summaries.map(row)]),
    describeRun(options),
    describeMachine(environment),
    ...notes(summaries, options),
  ].join('\n\n');

const row = (summary: Summary): readonly string[] => [
  `${summary.contender.title} (${summary.contender.version()})`,
  formatSpread(summary.requestsPerSecond, 0),
  formatRatio(summary.throughputRatio),
  formatSpread(summary.cpuUsPerRequest, 1),
  `${fixed(summary.userUsPerRequest.median, 1)} + ${fixed(summary.systemUsPerRequest.median, 1)}`,
  formatRatio(summary.cpuRatio),
  `${fixed(summary.p50Ms.median, 2)} / ${fixed(summary.p99Ms.median, 2)}`,
  fixed(summary.errors, 0),
  fixed(summary.moved, 0),
  formatSaturation(summary),
];

const fixed = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const formatSpread = ({ median, min, max }: Spread, digits: number): string =>
  `${fixed(median, digits)} (${fixed(min, digits)} to ${fixed(max, digits)})`;

const formatRatio = (ratio: Spread | undefined): string =>
  ratio === undefined ? '' : formatSpread(ratio, 2);

const formatSaturation = ({ saturatedRounds, rounds }: Summary): string =>
  saturatedRounds === rounds ? 'yes' : `${saturatedRounds} of ${rounds} rounds`;

const describeRun = (options: Options): string =>
  `Median (least to greatest) of ${options.rounds} interleaved rounds of ${options.seconds} s, after ` +
  `${options.warmUpSeconds} s of warm-up each; ${options.connections} client connections, ` +
  `${fixed(options.sessions, 0)} warm sessions, access log ${options.accessLog ? 'on' : 'off'}.`;

const describeMachine = ({ date, commit, cpu, kernel, node, wrk }: Environment): string =>
  `${date}, commit ${commit}; ${cpu}; ${kernel}; Node ${node}; wrk ${wrk}.`;

function notes(summaries: readonly Summary[], options: Options): readonly string[] {
  const all = [
    ...summaries.flatMap(storeNote),
    ...disturbanceNote(summaries),
    ...(options.profile ? ["Holdfast's figures include the cost of the profiler."] : []),
  ];
  return all.length === 0 ? [] : [all.map((note) => `- ${note}`).join('\n')];
}

function storeNote({ contender, openingOperations, storeOperations, requests }: Summary): readonly string[] {
  if (openingOperations === undefined || storeOperations === undefined) return [];
  return [
    `${contender.title}: operations on the session map until all sessions were open: ` +
      `${formatOperations(openingOperations)}; during ${fixed(requests, 0)} measured requests: ` +
      `${formatOperations(storeOperations)}.`,
  ];
}

const formatOperations = (operations: StoreOperations): string =>
  STORE_OPERATIONS.map((name) => `${name} ${fixed(operations[name], 0)}`).join(', ');

function disturbanceNote(summaries: readonly Summary[]): readonly string[] {
  const disturbed = summaries.filter(({ disturbedRounds }) => disturbedRounds > 0);
  if (disturbed.length === 0) return [];
  const list = disturbed.map(
    ({ contender, disturbedRounds, rounds }) => `${contender.name} ${disturbedRounds} of ${rounds}`,
  );
  return [`Rounds in which other programs took over 5 % of the proxy's core: ${list.join(', ')}.`];
}
