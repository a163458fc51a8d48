import { fixed } from '../report/columns.ts';
import {
  BUCKETS,
  type ClusterLoad,
  COUNT_REST_FACTOR,
  COUNT_SECONDS,
  loadOf,
  type MeasuredFigures,
  PASS_FACTOR,
  type PaperCluster,
  ROUNDS_PER_SECOND,
  TOUCHES_PER_IDLE_TIMEOUT,
} from './cluster-load.ts';

/** The cluster of the documentation. */
export const LARGE_CLUSTER: PaperCluster = {
  sessions: 100_000_000,
  nodes: 100,
  endpoints: 1_000,
  activeMinutes: 10,
  idleTimeoutMinutes: 20,
  requestEverySeconds: 30,
  stayMinutes: 5,
  primaryBytes: 8e9,
  primaryLoad: 0.5,
};

/** One line of a plan: what it is about, how it is reckoned from measured figures and other lines, and what it comes to. */
export type PlanLine = readonly [what: string, formula: string, value: string];

/** What a cluster needs, line by line. */
export function planCluster(cluster: PaperCluster, figures: MeasuredFigures): readonly PlanLine[] {
  const load = loadOf(cluster, figures);
  return [
    ...trafficLines(cluster, load),
    ...redisLines(cluster, figures, load),
    ...nodeLines(cluster, figures, load),
    ...newsLines(cluster, figures, load),
    ...memberLines(cluster, figures, load),
  ];
}

const trafficLines = (cluster: PaperCluster, load: ClusterLoad): readonly PlanLine[] => [
  [
    'sessions at work',
    `${whole(cluster.sessions)} × ${cluster.activeMinutes} min ÷ (${cluster.activeMinutes} + ${cluster.idleTimeoutMinutes} min)`,
    whole(load.activeSessions),
  ],
  [
    'requests',
    `sessions at work ÷ ${cluster.requestEverySeconds} s`,
    `${rate(load.requests)}, ${rate(load.requests / cluster.nodes)} at a node`,
  ],
  [
    'pins',
    `${whole(cluster.sessions)} ÷ ${cluster.activeMinutes + cluster.idleTimeoutMinutes} min`,
    rate(load.pins),
  ],
  [
    'touches',
    `pins × ${cluster.activeMinutes} min ÷ (${cluster.idleTimeoutMinutes} min ÷ ${TOUCHES_PER_IDLE_TIMEOUT})`,
    rate(load.touches),
  ],
  ['finds', `sessions at work ÷ ${cluster.stayMinutes} min at one node`, rate(load.finds)],
];

const redisLines = (
  cluster: PaperCluster,
  figures: MeasuredFigures,
  load: ClusterLoad,
): readonly PlanLine[] => [
  [
    'cores of Redis at work',
    `pins × ${us(figures.pinUs)} + touches × ${us(figures.touchUs)} + finds × ${us(figures.findUs)}`,
    fixed(load.cores, 2),
  ],
  [
    'memory of Redis',
    `${whole(cluster.sessions)} × ${whole(figures.bytesPerSession)} bytes`,
    gigabytes(load.bytes),
  ],
  [
    'primaries',
    `the greater of memory ÷ ${gigabytes(cluster.primaryBytes)} and cores ÷ ${cluster.primaryLoad}`,
    whole(load.primaries),
  ],
  [
    'the fullest primary',
    `by the hash slots of ${BUCKETS} buckets, in equal ranges`,
    `${whole(load.fullestBuckets)} buckets, ${gigabytes((load.bytes * load.fullestBuckets) / BUCKETS)}, ` +
      `${fixed((load.cores * load.fullestBuckets) / BUCKETS, 2)} cores`,
  ],
];

const nodeLines = (
  cluster: PaperCluster,
  figures: MeasuredFigures,
  load: ClusterLoad,
): readonly PlanLine[] => [
  [
    'near cache of a node',
    `sessions at work ÷ ${cluster.nodes} × ${whole(figures.bytesPerNearEntry)} bytes`,
    `${whole(load.activeSessions / cluster.nodes)} entries, ` +
      megabytes((load.activeSessions / cluster.nodes) * figures.bytesPerNearEntry),
  ],
];

const newsLines = (
  cluster: PaperCluster,
  figures: MeasuredFigures,
  load: ClusterLoad,
): readonly PlanLine[] => [
  [
    're-pins when one endpoint dies',
    `sessions at work ÷ ${whole(cluster.endpoints)} endpoints ÷ ${cluster.requestEverySeconds} s`,
    `${rate(load.repins)} for ${cluster.requestEverySeconds} s`,
  ],
  ['news of them', `re-pins × ${cluster.nodes} nodes`, rate(load.repins * cluster.nodes)],
  [
    'cores of Redis for both',
    `re-pins × (${us(figures.repinUs)} + ${cluster.nodes} × ${us(figures.tellUs)})`,
    fixed(repinCores(cluster, figures, load), 3),
  ],
  [
    'share of a node that hears of them',
    `re-pins × ${us(figures.hearUs)}`,
    `${fixed((load.repins * figures.hearUs) / 1e4, 2)} %`,
  ],
  [
    'endpoints that may die at once',
    'until a core of Redis is full: 1 ÷ cores for both',
    whole(Math.floor(1 / repinCores(cluster, figures, load))),
  ],
];

const memberLines = (
  cluster: PaperCluster,
  figures: MeasuredFigures,
  load: ClusterLoad,
): readonly PlanLine[] => [
  [
    'heartbeats of the news',
    `${cluster.nodes} nodes × ${ROUNDS_PER_SECOND}/s × primaries`,
    rate(load.rounds * load.primaries),
  ],
  ['beats, and as many looks', `${cluster.nodes} nodes × ${ROUNDS_PER_SECOND}/s`, rate(load.rounds)],
  [
    'cores of Redis for beats and looks',
    `beats × ${us(figures.memberRoundUs)} × ${cluster.nodes} ÷ ${figures.members} nodes`,
    fixed((load.rounds * figures.memberRoundUs * cluster.nodes) / figures.members / 1e6, 3),
  ],
  [
    'counts of a node for `least-sessions`',
    `${COUNT_REST_FACTOR} × ${cluster.nodes} nodes × ${fixed(figures.countMs, 1)} ms × ${whole(cluster.endpoints)} ÷ ` +
      `${figures.countedEndpoints} endpoints, from ${COUNT_SECONDS.min} to ${COUNT_SECONDS.max} s`,
    `every ${fixed(load.countEverySeconds, 0)} s`,
  ],
  [
    'cores of Redis for counts of all nodes',
    `${cluster.nodes} nodes × ${fixed(load.countMs, 0)} ms ÷ ${fixed(load.countEverySeconds, 0)} s`,
    fixed((cluster.nodes * load.countMs) / load.countEverySeconds / 1e3, 3),
  ],
  [
    'a pass over all sessions for idle ones of an endpoint',
    `${whole(cluster.sessions)} × ${us(figures.lookUs)} × ${PASS_FACTOR}, since a tenth of it is work`,
    `${fixed(load.passMinutes, 0)} min`,
  ],
];

const repinCores = (
  { nodes }: PaperCluster,
  { repinUs, tellUs }: MeasuredFigures,
  { repins }: ClusterLoad,
): number => (repins * (repinUs + nodes * tellUs)) / 1e6;

const whole = (value: number): string => fixed(value, 0);
const rate = (perSecond: number): string => `${fixed(perSecond, 0)}/s`;
const us = (microseconds: number): string => `${fixed(microseconds, microseconds < 10 ? 2 : 1)} µs`;
const gigabytes = (bytes: number): string => `${fixed(bytes / 1e9, 1)} GB`;
const megabytes = (bytes: number): string => `${fixed(bytes / 1e6, 0)} MB`;
