import type { HoldfastNode } from './holdfast-node.ts';
import { type ConfigPart, type NodeWishes, nodeConfig } from './node-config.ts';

/**
 * What a node is told whose pool `shop` is discovered, with further pools by their names, each at a path like its name.
 */
export function shopDiscovered(
  discovery: ConfigPart,
  others: Readonly<Record<string, ConfigPart>> = {},
  storeUrl?: string,
): NodeWishes {
  const names = Object.keys(others);
  const routes = [{ pool: 'shop' }, ...names.map((name) => ({ match: { path: `/${name}` }, pool: name }))];
  const wishes: NodeWishes = {
    endpoints: [],
    pool: { discovery },
    listener: { routes, pool: undefined },
    ...(storeUrl !== undefined && { storeUrl }),
  };
  const { pools } = JSON.parse(nodeConfig('any', { port: 0, adminPort: 0 }, wishes)) as {
    pools: readonly [ConfigPart];
  };
  const further = names.map((name) => ({ ...pools[0], name, discovery: others[name] }));
  return { ...wishes, top: { pools: [...pools, ...further] } };
}

/** An endpoint of a discovered pool, as a node sees it. */
export interface DiscoveredEndpoint {
  /** Without its port. */
  readonly address: string;
  readonly id: string;
  readonly standing: string;
  readonly isLeaving: boolean;
}

/** The endpoints of a pool of a node, in the order of their addresses. */
export async function endpointsOf(node: HoldfastNode, pool: string): Promise<readonly DiscoveredEndpoint[]> {
  const { pools } = await node.status();
  const endpoints = pools.find(({ name }) => name === pool)?.endpoints ?? [];
  return endpoints
    .map(({ id, url = '', standing, isLeaving = false }) => ({
      address: new URL(url).hostname,
      id,
      standing,
      isLeaving,
    }))
    .sort((one, other) => (one.address < other.address ? -1 : 1));
}
