import type { EndpointAddress, NodeWishes } from '../support/node-config.ts';
import { withPools } from '../support/reloading.ts';

/** Longer than any run, so that no session ends by itself. */
export const IDLE_TIMEOUT_MS = 3_600_000;

const HEALTH_CHECK = { path: '/healthz' };

/** What a node is told that is one of the world's. */
export function wishesFor(
  endpoints: readonly EndpointAddress[],
  storeUrl: string,
  commandTimeout = '50ms',
): NodeWishes {
  const addresses = endpoints.map(({ id, url }) => ({ id, url }));
  const wishes: NodeWishes = {
    endpoints: addresses,
    storeUrl,
    store: { commandTimeout },
    affinity: { idleTimeout: `${IDLE_TIMEOUT_MS}ms` },
    pool: { healthCheck: HEALTH_CHECK, outlierDetection: {} },
    listener: { pool: undefined, routes: [{ pool: 'shop' }, { match: { path: '/keyed' }, pool: 'keyed' }] },
    top: { log: { access: false }, shutdown: { delay: '300ms', deadline: '5s' } },
  };
  return withPools(wishes, {
    name: 'keyed',
    endpoints: addresses,
    affinity: { type: 'header', name: 'X-Session' },
    healthCheck: HEALTH_CHECK,
  });
}
