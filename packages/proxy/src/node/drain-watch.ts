import { type Clock, type EpochMs, HoldfastError } from '@holdfast/shared';
import type { Drain, Drains } from '@holdfast/store';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { PoolFollower } from './pool-set.ts';

/** A drain is known to every process of the cluster within this time, and what one look at the store takes. */
const LOOK_INTERVAL_MS = 500;

/**
 * Has the pools of this process drain what operators want drained, whichever node they have asked. While the store is
 * unavailable, what is known of drains stays.
 */
export class DrainWatch implements PoolFollower {
  readonly #drains: Drains;
  readonly #clock: Clock;
  readonly #pools = new Map<Pool, () => void>();
  #known: ReadonlyMap<string, Drain> = new Map();

  constructor(drains: Drains, clock: Clock) {
    this.#drains = drains;
    this.#clock = clock;
  }

  /** Looks for the first time, and goes on until the store is closed. Never rejects. */
  async start(): Promise<void> {
    if (await this.look()) this.#plan();
  }

  /** Goes by what the store says now. Answers whether there is a store to be asked again. */
  async look(): Promise<boolean> {
    try {
      const drains = await this.#drains.list();
      this.#known = new Map(drains.map((drain) => [drain.endpoint, drain]));
    } catch (error) {
      if (HoldfastError.from(error).code === 'STORE_CLOSED') return false;
    }
    for (const pool of this.#pools.keys()) this.#apply(pool, pool.endpoints);
    return true;
  }

  follow(pool: Pool): void {
    this.#pools.set(pool, pool.watch({ endpointsChanged: ({ added }) => this.#apply(pool, added) }));
    this.#apply(pool, pool.endpoints);
  }

  forget(pool: Pool): void {
    this.#pools.get(pool)?.();
    this.#pools.delete(pool);
  }

  #plan(): void {
    this.#clock.after(LOOK_INTERVAL_MS, () => void this.start());
  }

  #apply(pool: Pool, endpoints: readonly Endpoint[]): void {
    const nowMs = this.#clock.now();
    for (const endpoint of endpoints) pool.drain(endpoint, leavesSince(this.#known.get(endpoint.id), nowMs));
  }
}

/** From which moment on sessions that come to the endpoint do not stay: after the deadline, none does. */
function leavesSince(drain: Drain | undefined, nowMs: EpochMs): EpochMs | undefined {
  if (drain?.deadlineMs !== undefined && drain.deadlineMs <= nowMs) return Number.NEGATIVE_INFINITY;
  return drain?.sinceMs;
}
