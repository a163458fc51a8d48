import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';

/** Host and port of an origin such as `tcp://10.0.0.1:6379`, as sockets take them. */
export function endpointAddressOf(origin: string): TransportAddress {
  const { protocol, hostname, port } = new URL(origin);
  const address = hostname.replace(/^\[|\]$/g, '');
  return { address, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}
