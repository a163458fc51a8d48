import {
  type EndpointId,
  type EpochMs,
  type MoveReason,
  type PoolName,
  poolOfEndpoint,
} from '@holdfast/shared';
import type { SessionRecorder } from '../affinity/session-recorder.ts';
import { ByPool } from './by-pool.ts';
import { PoolSessions } from './pool-sessions.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';
import { VIOLATION_REASONS, type ViolationReason } from './violation.ts';

/** What becomes of sessions beside their requests. */
export class SessionMetrics implements SessionRecorder, MetricSource {
  readonly #pools: ByPool<PoolSessions>;

  /** @param now the wall clock */
  constructor(now: () => EpochMs) {
    this.#pools = new ByPool((pool) => new PoolSessions(pool, now));
  }

  /** Violations of this pool are told of from now on, while there are none as well. */
  watch(pool: PoolName): void {
    for (const reason of VIOLATION_REASONS) this.#pools.of(pool).violated(reason, 0);
  }

  sessionMoved(to: EndpointId, reason: MoveReason): void {
    this.#pools.of(poolOfEndpoint(to)).repinned(reason);
  }

  sessionStrayed(pool: PoolName, requests: number): void {
    this.violated(pool, 'store-unavailable', requests);
  }

  violated(pool: string, reason: ViolationReason, count: number): void {
    this.#pools.of(pool).violated(reason, count);
  }

  collect(): MetricsSnapshot {
    return this.#pools.all.flatMap((sessions) => sessions.collect());
  }
}
