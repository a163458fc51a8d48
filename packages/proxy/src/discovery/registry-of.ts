import { readFile } from 'node:fs/promises';
import type { Clock, Random } from '@holdfast/shared';
import { type DiscoveryConfig, type PoolConfig, poolKind } from '@holdfast/shared/config';
import { NodeDnsLookup } from './dns/dns-lookup.ts';
import { DnsRegistry } from './dns/dns-registry.ts';
import { FileRegistry } from './file/file-registry.ts';
import { KubernetesRegistry } from './kubernetes/kubernetes-registry.ts';
import { openSliceApi } from './kubernetes/open-slice-api.ts';
import type { Registry } from './registry.ts';

/** Who names the endpoints of a pool, as its configuration says. Asks nobody yet. */
export function registryOf(
  pool: PoolConfig,
  discovery: DiscoveryConfig,
  clock: Clock,
  random: Random,
): Registry {
  switch (discovery.type) {
    case 'dns': {
      const { resolvers, timeout } = discovery;
      return new DnsRegistry(discovery, new NodeDnsLookup({ resolvers, timeoutMs: timeout }), clock);
    }
    case 'file': {
      const options = {
        file: discovery.path,
        kind: poolKind(pool),
        incarnationsAreProbed: pool.healthCheck?.incarnation !== undefined,
      };
      return new FileRegistry(options, () => readFile(discovery.path, 'utf8'), clock);
    }
    case 'kubernetes':
      return new KubernetesRegistry(discovery, { open: () => openSliceApi(discovery), clock, random });
  }
}
