import {
  type CancelTimer,
  type Clock,
  HoldfastError,
  type Lifetime,
  type Logger,
  type PoolName,
  type Random,
} from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';
import type { Pool } from '../pool/pool.ts';
import type { Transfer } from './plan-transfers.ts';
import { Rebalance, type RebalanceSettings, type RebalanceTrigger } from './rebalance.ts';
import type { SessionMover } from './session-mover.ts';

/** What the configuration says of rebalancing a pool. */
export interface RebalancePolicy {
  readonly lifetime: Lifetime;
  /** Whether the pool is rebalanced when an endpoint joins. */
  readonly isAutomatic: boolean;
  readonly settings: RebalanceSettings;
}

export interface RebalancesParts {
  readonly inventory: SessionInventory;
  readonly mover: SessionMover;
  /** Undefined where the pool keeps no sessions in the session map. */
  readonly policyOf: (pool: PoolName) => RebalancePolicy | undefined;
  /** Whether this process does what one of the cluster has to do by itself. */
  readonly isOnDuty: () => boolean;
  /** Whether all nodes of the cluster go by one configuration, as far as this one knows. */
  readonly agreesOnConfig: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Who wants to hear that a rebalance has begun or is over. */
export type RebalanceListener = (pool: PoolName, rebalance: Rebalance) => void;

/** The rebalances of a process: one of a pool at a time, the latest of each. */
export class Rebalances {
  readonly #parts: RebalancesParts;
  readonly #latest = new Map<PoolName, Rebalance>();
  readonly #followed = new Map<Pool, () => void>();
  readonly #listeners = new Set<RebalanceListener>();

  constructor(parts: RebalancesParts) {
    this.#parts = parts;
  }

  /** The latest rebalance of that pool that this process has begun. */
  of(pool: PoolName): Rebalance | undefined {
    return this.#latest.get(pool);
  }

  /** What the configuration says of rebalancing that pool; undefined where there is nothing to move. */
  policyOf(pool: PoolName): RebalancePolicy | undefined {
    return this.#parts.policyOf(pool);
  }

  /** Tells of every rebalance that begins or ends. */
  listen(listener: RebalanceListener): void {
    this.#listeners.add(listener);
  }

  /** Begins a rebalance; undefined where one is running. */
  begin(
    pool: Pool,
    policy: RebalancePolicy,
    settings: RebalanceSettings,
    trigger: RebalanceTrigger,
  ): Rebalance | undefined {
    if (this.of(pool.name)?.state === 'running') return undefined;
    const rebalance = this.#rebalance(pool, policy, settings, trigger);
    this.#latest.set(pool.name, rebalance);
    this.#tell(pool.name, rebalance);
    void this.#run(pool, rebalance);
    return rebalance;
  }

  /** What a rebalance would move now. */
  preview(pool: Pool, policy: RebalancePolicy, settings: RebalanceSettings): Promise<readonly Transfer[]> {
    return this.#rebalance(pool, policy, settings, 'operator').preview();
  }

  /** From now on the pool is rebalanced when an endpoint joins, where its configuration says so. */
  follow(pool: Pool): void {
    let cancel: CancelTimer = () => {};
    // Other nodes may have yet to learn of the endpoint, and could not follow a session there.
    const plan = (): void => {
      const { clock, random, policyOf, agreesOnConfig } = this.#parts;
      const idleForMs = policyOf(pool.name)?.settings.idleForMs ?? 0;
      cancel();
      cancel = clock.after(idleForMs * (1 + random.unit() / 4), () => {
        const policy = policyOf(pool.name);
        if (policy?.isAutomatic !== true) return;
        if (!agreesOnConfig()) plan();
        else if (this.#parts.isOnDuty()) this.begin(pool, policy, policy.settings, 'joined');
      });
    };
    const unwatch = pool.watch({ endpointsChanged: ({ added }) => added.length > 0 && plan() });
    this.#followed.set(pool, () => {
      unwatch();
      cancel();
    });
  }

  forget(pool: Pool): void {
    this.#followed.get(pool)?.();
    this.#followed.delete(pool);
    this.of(pool.name)?.end('stopped');
    this.#latest.delete(pool.name);
  }

  async #run(pool: Pool, rebalance: Rebalance): Promise<void> {
    const { log } = this.#parts;
    const { trigger } = rebalance;
    log.info({ pool: pool.name, trigger }, 'rebalance begins');
    try {
      await rebalance.run();
    } catch (error) {
      rebalance.end('stopped');
      log.error({ pool: pool.name, error: HoldfastError.from(error).message }, 'rebalance broken off');
    }
    log.info({ pool: pool.name, outcome: rebalance.state, moved: rebalance.moved }, 'rebalance over');
    this.#tell(pool.name, rebalance);
  }

  #rebalance(
    pool: Pool,
    { lifetime }: RebalancePolicy,
    settings: RebalanceSettings,
    trigger: RebalanceTrigger,
  ): Rebalance {
    const { mover, inventory, clock } = this.#parts;
    return new Rebalance({ pool, lifetime, settings, trigger, mover, inventory, clock });
  }

  #tell(pool: PoolName, rebalance: Rebalance): void {
    for (const listener of this.#listeners) listener(pool, rebalance);
  }
}
