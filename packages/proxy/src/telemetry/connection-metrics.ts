import type { EpochMs } from '@holdfast/shared';
import type { ConnectionEnd, ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';
import { ByPool } from './by-pool.ts';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { LAYER4_METRICS } from './catalogue/layer4-metrics.ts';
import { boundsMsOf, Durations } from './durations.ts';
import { PoolSessions } from './pool-sessions.ts';
import type { Attributes, MetricSource, MetricsSnapshot } from './snapshot.ts';
import type { SuspicionRecorder } from './violation.ts';

type Way = Pick<ConnectionRecord, 'listener' | 'pool' | 'protocol'>;

/** The connections or flows that took one way. */
interface Taken extends Way {
  readonly sinceMs: EpochMs;
  readonly durations: Durations;
  readonly ends: Map<ConnectionEnd, number>;
  bytesIn: number;
  bytesOut: number;
  retries: number;
}

const BOUNDS_MS = boundsMsOf(LAYER4_METRICS.duration);

/** Counts connections of TCP and flows of UDP that are over. */
export class ConnectionMetrics implements ConnectionRecorder, MetricSource {
  readonly #now: () => EpochMs;
  readonly #taken: Taken[] = [];
  readonly #sessions: ByPool<PoolSessions>;

  /**
   * @param now the wall clock
   * @param suspicions told of connections that look like violations. Default: nobody is.
   */
  constructor(now: () => EpochMs, suspicions?: SuspicionRecorder) {
    this.#now = now;
    this.#sessions = new ByPool((pool) => new PoolSessions(pool, now, suspicions));
  }

  connectionFinished(record: ConnectionRecord): void {
    const taken = this.#taken.find((known) => isSame(known, record)) ?? this.#begin(record);
    const { end, resolution, attempts } = record;
    taken.durations.add(record.durationMs);
    taken.ends.set(end, (taken.ends.get(end) ?? 0) + 1);
    taken.bytesIn += record.bytesIn;
    taken.bytesOut += record.bytesOut;
    taken.retries += Math.max(0, attempts - 1);
    if (resolution !== undefined) this.#sessions.of(record.pool).resolved(resolution, record.affinityMs);
  }

  collect(): MetricsSnapshot {
    return [
      ...this.#taken.flatMap((taken) => pointsOf(taken)),
      ...this.#sessions.all.flatMap((sessions) => sessions.collect()),
    ];
  }

  #begin({ listener, pool, protocol }: Way): Taken {
    const sinceMs = this.#now();
    const durations = new Durations(BOUNDS_MS, sinceMs);
    const numbers = { bytesIn: 0, bytesOut: 0, retries: 0 };
    const begun: Taken = { listener, pool, protocol, sinceMs, durations, ends: new Map(), ...numbers };
    this.#taken.push(begun);
    return begun;
  }
}

const isSame = (taken: Way, { listener, pool, protocol }: Way): boolean =>
  taken.listener === listener && taken.pool === pool && taken.protocol === protocol;

function pointsOf(taken: Taken): MetricsSnapshot {
  const { listener, sinceMs, durations, ends } = taken;
  const pool: Attributes = taken.pool === '' ? {} : { 'holdfast.pool': taken.pool };
  const carried: Attributes = { ...pool, 'network.transport': taken.protocol };
  const way: Attributes = { ...carried, 'holdfast.listener': listener };
  const bytes = (direction: string, value: number) => ({
    attributes: { ...carried, 'network.io.direction': direction },
    value,
    sinceMs,
  });
  return [
    {
      name: LAYER4_METRICS.connections.name,
      points: [...ends].map(([end, value]) => ({
        attributes: { ...way, 'holdfast.connection.end': end },
        value,
        sinceMs,
      })),
    },
    { name: LAYER4_METRICS.duration.name, points: [durations.point(way)] },
    {
      name: LAYER4_METRICS.bytes.name,
      points: [bytes('receive', taken.bytesIn), bytes('transmit', taken.bytesOut)],
    },
    { name: HTTP_METRICS.retries.name, points: [{ attributes: pool, value: taken.retries, sinceMs }] },
  ];
}
