import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';

/** Host and port of an origin such as `tcp://10.0.0.1:6379`, as sockets take them. */
export function endpointAddressOf(origin: string): TransportAddress {
  const { hostname, port } = new URL(origin);
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}
