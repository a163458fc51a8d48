import type { Ticker } from '@holdfast/shared';
import type { PoolConfig } from '@holdfast/shared/config';
import { keepAliveEveryMs } from '../affinity/keep-alive.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import { EndpointConnections } from '../upstream/endpoint-connections.ts';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import { Http2Connections } from '../upstream/http2/http2-connections.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** What the connections to the endpoints of a pool go by. */
export interface UpstreamPlan {
  readonly config: Pick<PoolConfig, 'timeouts' | 'affinity'>;
  readonly tls: EndpointTls | undefined;
}

/** The connections to an endpoint, in the protocol that its origin names. */
export function upstreamOf(
  { origin }: Endpoint,
  { config: { timeouts, affinity }, tls }: UpstreamPlan,
  ticker: Ticker,
): Upstream {
  const options = {
    origin,
    connectTimeoutMs: timeouts.connect,
    responseTimeoutMs: timeouts.response,
    idleTimeoutMs: timeouts.idle,
    heldEveryMs: keepAliveEveryMs(affinity),
    ticker,
  };
  return origin.startsWith('h2c:')
    ? new Http2Connections(options)
    : new EndpointConnections({ ...options, tls });
}
