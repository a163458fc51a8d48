import { type EndpointKind, endpointKind } from './fields.ts';
import type { PoolConfig } from './schema.ts';

/** What a pool carries: what discovery says of endpoints that are yet to be found, or else the first endpoint. */
export const poolKind = ({
  endpoints,
  discovery,
}: Pick<PoolConfig, 'endpoints' | 'discovery'>): EndpointKind =>
  endpointKind(discovery === undefined ? (endpoints[0]?.url ?? '') : `${discovery.scheme}://`);

/** With what the URLs of endpoints of a kind begin, in words. */
export const SCHEMES: Readonly<Record<EndpointKind, string>> = {
  http: 'http://, https:// or h2c://',
  tcp: 'tcp://',
  udp: 'udp://',
};
