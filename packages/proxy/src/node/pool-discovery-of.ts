import { type Clock, type Logger, poolName, type Random } from '@holdfast/shared';
import type { PoolConfig } from '@holdfast/shared/config';
import { PoolDiscovery } from '../discovery/pool-discovery.ts';
import { registryOf } from '../discovery/registry-of.ts';
import { Networks } from '../socket/networks.ts';

/** What looks for the endpoints of a pool, where its configuration does not name them. Asks nobody yet. */
export function discoveryOf(
  { config }: { readonly config: PoolConfig },
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Logger },
): PoolDiscovery | undefined {
  const { discovery } = config;
  if (discovery === undefined) return undefined;
  return new PoolDiscovery({
    pool: poolName(config.name),
    type: discovery.type,
    registry: registryOf(config, discovery, clock, random),
    // Kubernetes says itself who leaves; an address that it no longer names may be another pod's the next moment.
    rules: { removeAfterMs: discovery.type === 'kubernetes' ? 0 : discovery.removeAfter },
    intervalMaxMs: discovery.type === 'dns' ? discovery.intervalMax : 0,
    networks: discovery.networks && new Networks(discovery.networks),
    clock,
    log,
  });
}
