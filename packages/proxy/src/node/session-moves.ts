import type { PoolName } from '@holdfast/shared';
import { type Config, lifetimeOf, type PoolConfig, pinsSessions } from '@holdfast/shared/config';
import { OverdueDrains } from '../rebalance/overdue-drains.ts';
import { type RebalancePolicy, Rebalances } from '../rebalance/rebalances.ts';
import { SessionMover } from '../rebalance/session-mover.ts';
import type { NodeCore } from './node-core.ts';

/** What a process knows of the others of its cluster. */
export interface Duties {
  /** Whether this process does what one of the cluster has to do by itself. */
  isOnDuty(): boolean;
  /** Whether all nodes of the cluster go by one configuration, as far as this one knows. */
  agreesOnConfig(): boolean;
}

/** What moves sessions between their requests. */
export interface SessionMoves {
  readonly mover: SessionMover;
  readonly rebalances: Rebalances;
}

/** Has a process rebalance its pools, and empty endpoints whose drain is overdue. To be called before there are pools. */
export function openSessionMoves(
  { store: { guarded }, pools, sessionRecorder: recorder, clock, random, log }: NodeCore,
  current: { readonly config: Config },
  duties: Duties,
): SessionMoves {
  const { sessions, inventory } = guarded;
  const configOf = (pool: PoolName): PoolConfig | undefined =>
    current.config.pools.find(({ name }) => name === pool);
  const isOnDuty = (): boolean => duties.isOnDuty();
  const mover = new SessionMover({ sessions, recorder, clock });
  const rebalances = new Rebalances({
    ...{ inventory, mover, clock, random, log, isOnDuty },
    agreesOnConfig: () => duties.agreesOnConfig(),
    policyOf: (pool) => rebalancePolicyOf(configOf(pool)),
  });
  pools.followedBy(rebalances);
  const overdue = new OverdueDrains({
    ...{ inventory, mover, pools, clock, log, isOnDuty },
    isStoreAvailable: () => guarded.state !== 'unavailable',
    rateOf: ({ name }) => configOf(name)?.rebalance.rate ?? 1,
  });
  overdue.start();
  return { mover, rebalances };
}

/** How a pool is rebalanced; undefined where it keeps no sessions in the session map. */
export function rebalancePolicyOf(config: PoolConfig | undefined): RebalancePolicy | undefined {
  if (config === undefined || !pinsSessions(config.affinity)) return undefined;
  const { affinity, rebalance } = config;
  return {
    lifetime: lifetimeOf(affinity),
    isAutomatic: rebalance.automatic,
    settings: { rate: rebalance.rate, idleForMs: rebalance.idleFor, tolerance: rebalance.tolerance },
  };
}
