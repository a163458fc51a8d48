import { describeEnvironment } from '../machine/environment.ts';
import { HAPROXY, programVersion, REDIS } from '../machine/programs.ts';
import { fixed, formatSpread } from '../report/columns.ts';
import { describeMachine } from '../report/report.ts';
import { spreadOf } from '../report/stats.ts';
import { formatTable } from '../report/table.ts';
import type { MeasuredFigures } from './cluster-load.ts';
import { LARGE_CLUSTER, planCluster } from './cluster-plan.ts';
import type { Effort } from './effort.ts';
import { AUDIENCE, type MapNodeSettings, type MapResult, MEMBERS, type Operation } from './map-result.ts';
import { ENDPOINTS } from './synthetic-sessions.ts';

const MIB = 1_024 * 1_024;

/** What the operations are called in the table, in its order. */
const TITLES: Readonly<Record<Operation | 'fill', string>> = {
  fill: 'pin, while the map grows',
  succeed: 'pin, and clear away another session that has ended',
  find: 'find',
  touch: 'touch',
  repin: 're-pin',
  'repin heard': `re-pin, of which ${AUDIENCE} more nodes hear`,
  count: `count all by endpoint, of which there are ${ENDPOINTS}`,
  'member round': `beat, and look at ${MEMBERS} members`,
};

/** The report of a run, as Markdown. */
export function formatMapReport(
  result: MapResult,
  stickTableBytes: number,
  settings: MapNodeSettings,
): string {
  const { sessions, lanes, rounds, seconds } = settings;
  const count = fixed(sessions, 0);
  return [
    `What a session takes, of ${count} at ${ENDPOINTS} endpoints:`,
    memoryTable(result, stickTableBytes),
    `What an operation costs. One node, ${lanes} operations under way at a time, so that it is the node that limits; the last ` +
      'column is what a core of Redis has time for:',
    operationTable(result),
    `Median (least to greatest) of ${rounds} rounds of ${seconds} s; of the first line, of the twentieths of the map. Hearing ` +
      `of a re-pin takes ${fixed(median(result.hearing, nodeUs), 1)} µs of a node.`,
    `What looking through all ${count} costs, and how long it keeps a bystander waiting, who pings every millisecond:`,
    surveyTable(result),
    `${describeMachine(describeEnvironment())}; Redis ${programVersion(REDIS)}, HAProxy ${programVersion(HAPROXY)}.`,
    `On paper, from these figures: ${fixed(LARGE_CLUSTER.sessions, 0)} sessions at ${fixed(LARGE_CLUSTER.nodes, 0)} nodes.`,
    formatTable(
      [
        ['what', 'how it is reckoned', 'comes to'],
        ...planCluster(LARGE_CLUSTER, figuresOf(result, sessions)),
      ],
      2,
    ),
  ].join('\n\n');
}

function memoryTable(result: MapResult, stickTableBytes: number): string {
  const full = result.readings.at(-1)!;
  const grown = result.readings.filter(({ sessions }) => sessions >= full.sessions / 4);
  const rows: readonly (readonly [string, number])[] = [
    ['Redis: pin and index', full.bytesPerSession],
    [
      'the same, at most from a quarter of them on',
      Math.max(...grown.map((reading) => reading.bytesPerSession)),
    ],
    ['Redis: all of its process', result.processBytesPerSession],
    ['HAProxy: entry of a stick table, all of its process', stickTableBytes],
    ['Node: entry of a near cache', result.nearCacheBytesPerEntry],
  ];
  return formatTable([
    ['what', 'bytes', 'MiB for a million'],
    ...rows.map(([what, bytes]) => [what, fixed(bytes, 0), fixed((bytes * 1_000_000) / MIB, 0)]),
  ]);
}

function operationTable({ fill, operations }: MapResult): string {
  const efforts = { fill, ...operations };
  return formatTable([
    ['operation', 'by one node/s', 'CPU µs of the node', 'CPU µs of Redis', 'on a core of Redis/s'],
    ...Object.entries(TITLES).map(([operation, title]) => {
      const those = efforts[operation as keyof typeof efforts];
      return [
        title,
        spread(those, perSecond, 0),
        spread(those, nodeUs, 1),
        spread(those, redisUs, 1),
        fixed(1_000_000 / median(those, redisUs), 0),
      ];
    }),
  ]);
}

const surveyTable = ({ surveys, search }: MapResult): string =>
  formatTable([
    ['what', 'ms', 'CPU ms of Redis', 'longest script, ms', 'longest wait of a bystander, ms'],
    ...[...surveys, search].map(({ what, effort, longestScriptMs, longestWaitMs }) => [
      what,
      fixed(effort.durationMs, 0),
      fixed(effort.redisCpuMs, 0),
      fixed(longestScriptMs, 1),
      fixed(longestWaitMs, 1),
    ]),
  ]);

function figuresOf(result: MapResult, sessions: number): MeasuredFigures {
  const redisUsOf = (operation: Operation): number => median(result.operations[operation], redisUs);
  return {
    bytesPerSession: result.readings.at(-1)!.bytesPerSession,
    bytesPerNearEntry: result.nearCacheBytesPerEntry,
    pinUs: redisUsOf('succeed'),
    findUs: redisUsOf('find'),
    touchUs: redisUsOf('touch'),
    repinUs: redisUsOf('repin'),
    tellUs: Math.max(0, redisUsOf('repin heard') - redisUsOf('repin')) / AUDIENCE,
    hearUs: median(result.hearing, nodeUs),
    memberRoundUs: redisUsOf('member round'),
    members: MEMBERS,
    countMs: redisUsOf('count') / 1_000,
    countedEndpoints: ENDPOINTS,
    lookUs: (result.search.effort.redisCpuMs * 1_000) / sessions,
  };
}

const perSecond = ({ operations, durationMs }: Effort): number => (operations * 1_000) / durationMs;
const nodeUs = ({ operations, nodeCpuMs }: Effort): number => (nodeCpuMs * 1_000) / operations;
const redisUs = ({ operations, redisCpuMs }: Effort): number => (redisCpuMs * 1_000) / operations;

const median = (efforts: readonly Effort[], figure: (effort: Effort) => number): number =>
  spreadOf(efforts.map(figure)).median;

const spread = (efforts: readonly Effort[], figure: (effort: Effort) => number, digits: number): string =>
  formatSpread(spreadOf(efforts.map(figure)), digits);
