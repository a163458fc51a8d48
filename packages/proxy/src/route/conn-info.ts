import type { GetConnInfo } from 'hono/conninfo';
import type { MiddlewareBindings } from './middleware-app.ts';

/**
 * Who sent a request, for middleware of a listener: `ipRestriction(getConnInfo, ..)`, or the key of a rate limiter. The
 * address is the one in the access log: that of the connection, of its PROXY header, or what a trusted proxy says.
 */
export const getConnInfo: GetConnInfo = (context) => {
  const { clientAddress: address } = context.env as MiddlewareBindings;
  return { remote: { address, addressType: address.includes(':') ? 'IPv6' : 'IPv4' } };
};
