import { pinsSessions } from './affinity-checks.ts';
import type { Finding } from './problem.ts';
import type { PoolConfig } from './schema.ts';

/** By then it is known of an idle session that it is, and there is time left to move it before it ends. */
const IDLE_PART_MAX = 1 / 2;

/** A pool that is to be rebalanced by itself has sessions that can be moved. */
export function rebalanceProblems(
  { affinity, rebalance }: PoolConfig,
  poolIndex: number,
): readonly Finding[] {
  if (!rebalance.automatic) return [];
  if (!pinsSessions(affinity))
    return [at(poolIndex, 'automatic', 'expected false, because the pool pins no sessions, found true')];
  if (rebalance.idleFor <= affinity.idleTimeout * IDLE_PART_MAX) return [];
  return [at(poolIndex, 'idleFor', 'expected half of affinity.idleTimeout at most, found a longer time')];
}

const at = (poolIndex: number, key: string, message: string): Finding => ({
  path: ['pools', poolIndex, 'rebalance', key],
  about: 'value',
  message,
});
