import type { CancelTimer, Clock, EndpointId } from '@holdfast/shared';
import type { PoolFollower } from '../node/pool-set.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { Suspicion, SuspicionRecorder, ViolationReason } from './violation.ts';

/** Within that time it shows whether an endpoint is down: outlier detection, health checks and the cluster need less. */
export const MIND_MADE_UP_MS = 10_000;

/** Takes violations that are certain. */
export type CountViolations = (pool: string, reason: ViolationReason, count: number) => void;

/** Requests that have left an endpoint of which nobody knows yet whether it is down. */
interface Pending {
  readonly pool: string;
  readonly counts: Map<ViolationReason, number>;
  readonly cancel: CancelTimer;
}

/**
 * Tells violations from failovers. When an endpoint dies, some requests leave it before this node and the others agree that it is
 * down; their sessions end where they were served, so that nothing was violated. So a request that has left an endpoint is held
 * until it shows what becomes of that: if it is down, it is forgotten; if it serves again, or nothing has come of it after ten
 * seconds, it counts.
 */
export class ViolationWatch implements SuspicionRecorder, PoolFollower {
  readonly #clock: Clock;
  readonly #count: CountViolations;
  readonly #pools = new Map<Pool, () => void>();
  readonly #pending = new Map<EndpointId, Pending>();

  constructor(clock: Clock, count: CountViolations) {
    this.#clock = clock;
    this.#count = count;
  }

  suspected(pool: string, { reason, endpoint: id }: Suspicion): void {
    const endpoint = id && this.#find(id);
    // What this node does not know, it will not learn more of.
    if (endpoint === undefined) return this.#count(pool, reason, 1);
    if (endpoint.standing === 'down') return;
    const { counts } = this.#pending.get(endpoint.id) ?? this.#begin(pool, endpoint.id);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }

  follow(pool: Pool): void {
    const changed = (endpoint: Endpoint): void => this.#changed(endpoint);
    const unwatch = pool.watch({
      endpointsChanged: () => {},
      standingChanged: changed,
      standingLearnt: changed,
      standingAgreed: changed,
    });
    this.#pools.set(pool, unwatch);
  }

  forget(pool: Pool): void {
    this.#pools.get(pool)?.();
    this.#pools.delete(pool);
  }

  #find(id: EndpointId): Endpoint | undefined {
    for (const pool of this.#pools.keys()) {
      const endpoint = pool.find(id);
      if (endpoint !== undefined) return endpoint;
    }
    return undefined;
  }

  #begin(pool: string, id: EndpointId): Pending {
    const cancel = this.#clock.after(MIND_MADE_UP_MS, () => this.#settle(id, true));
    const pending: Pending = { pool, counts: new Map(), cancel };
    this.#pending.set(id, pending);
    return pending;
  }

  #changed({ id, standing }: Endpoint): void {
    if (standing !== 'suspect') this.#settle(id, standing !== 'down');
  }

  #settle(id: EndpointId, areViolations: boolean): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.cancel();
    if (!areViolations) return;
    for (const [reason, count] of pending.counts) this.#count(pending.pool, reason, count);
  }
}
