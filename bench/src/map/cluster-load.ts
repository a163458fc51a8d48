import { fullestOf } from './hash-slots.ts';

/** A cluster on paper, and how its clients behave. */
export interface PaperCluster {
  readonly sessions: number;
  readonly nodes: number;
  readonly endpoints: number;
  /** So long a client is at work. Its session lives for an idle timeout more. */
  readonly activeMinutes: number;
  readonly idleTimeoutMinutes: number;
  readonly requestEverySeconds: number;
  /** So long a client stays at one node, until DNS or a closed connection leads it to another. */
  readonly stayMinutes: number;
  /** What one Redis is to hold at most, so that a copy of it is made in minutes. */
  readonly primaryBytes: number;
  /** How busy one Redis may be, of 1, so that it answers at once. */
  readonly primaryLoad: number;
}

/** What was measured of one session, one operation, one message. CPU time is in microseconds. */
export interface MeasuredFigures {
  readonly bytesPerSession: number;
  readonly bytesPerNearEntry: number;
  /** Of Redis, with the end of another session. */
  readonly pinUs: number;
  readonly findUs: number;
  readonly touchUs: number;
  readonly repinUs: number;
  /** Of Redis, to tell one more node of a re-pin. */
  readonly tellUs: number;
  /** Of a node, to hear of one. */
  readonly hearUs: number;
  /** Of Redis, for the beat of a node and its look at all others, in a cluster of {@link members}. */
  readonly memberRoundUs: number;
  readonly members: number;
  /** Milliseconds of Redis for one count of sessions at so many endpoints. */
  readonly countMs: number;
  readonly countedEndpoints: number;
  /** Of Redis, to look at one session in search of those of an endpoint. */
  readonly lookUs: number;
}

/** What a cluster asks of its Redis and its nodes. Rates are per second. */
export interface ClusterLoad {
  readonly activeSessions: number;
  readonly requests: number;
  readonly pins: number;
  readonly touches: number;
  readonly finds: number;
  /** Cores of Redis that are busy with the three. */
  readonly cores: number;
  readonly bytes: number;
  readonly primaries: number;
  /** Of the 256 buckets, those on the fullest primary. */
  readonly fullestBuckets: number;
  /** When one endpoint dies, until its sessions have all asked once. */
  readonly repins: number;
  readonly rounds: number;
  /** With the balance policy `least-sessions`: what one count takes Redis, and how far apart those of a node are. */
  readonly countMs: number;
  readonly countEverySeconds: number;
  /** From the first session to the last, in search of those of an endpoint that are idle. */
  readonly passMinutes: number;
}

export const BUCKETS = 256;
/** The hash tags of the buckets, as the keys in Redis have them. */
const BUCKET_TAGS = Array.from({ length: BUCKETS }, (_, index) => `shop:${String(index).padStart(3, '0')}`);
export const ROUNDS_PER_SECOND = 2;
/** A node counts sessions no more often, and no less. See `balance/session-counts.ts` of the proxy. */
export const COUNT_SECONDS = { min: 2, max: 60 };
export const COUNT_REST_FACTOR = 19;
/** Of a pass, a tenth is work: see `rebalance/known-sessions.ts` of the proxy. */
export const PASS_FACTOR = 10;
/** A deadline is moved once per quarter of the idle timeout. */
export const TOUCHES_PER_IDLE_TIMEOUT = 4;

const SECONDS_PER_MINUTE = 60;

export function loadOf(cluster: PaperCluster, figures: MeasuredFigures): ClusterLoad {
  const { sessions, nodes, endpoints, activeMinutes, idleTimeoutMinutes, stayMinutes } = cluster;
  const lifeMinutes = activeMinutes + idleTimeoutMinutes;
  const activeSessions = (sessions * activeMinutes) / lifeMinutes;
  const pins = sessions / (lifeMinutes * SECONDS_PER_MINUTE);
  const touches = (pins * activeMinutes * TOUCHES_PER_IDLE_TIMEOUT) / idleTimeoutMinutes;
  const finds = activeSessions / (stayMinutes * SECONDS_PER_MINUTE);
  const cores = (pins * figures.pinUs + touches * figures.touchUs + finds * figures.findUs) / 1e6;
  const bytes = sessions * figures.bytesPerSession;
  const countMs = (figures.countMs * endpoints) / figures.countedEndpoints;
  const primaries = Math.ceil(Math.max(bytes / cluster.primaryBytes, cores / cluster.primaryLoad));
  return {
    activeSessions,
    requests: activeSessions / cluster.requestEverySeconds,
    pins,
    touches,
    finds,
    cores,
    bytes,
    primaries,
    fullestBuckets: fullestOf(BUCKET_TAGS, primaries),
    repins: activeSessions / endpoints / cluster.requestEverySeconds,
    rounds: nodes * ROUNDS_PER_SECOND,
    countMs,
    passMinutes: (sessions * figures.lookUs * PASS_FACTOR) / 1e6 / SECONDS_PER_MINUTE,
    countEverySeconds: Math.min(
      COUNT_SECONDS.max,
      Math.max(COUNT_SECONDS.min, countRestMs(nodes, countMs) / 1e3),
    ),
  };
}

const countRestMs = (nodes: number, countMs: number): number => COUNT_REST_FACTOR * nodes * countMs;
