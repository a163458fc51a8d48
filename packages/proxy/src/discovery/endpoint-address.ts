import { isIP } from 'node:net';
import { endpointAddress } from '@holdfast/shared/config';
import { Networks } from '../socket/networks.ts';

/**
 * Where no endpoint is, whoever says so: a proxy that can be talked into asking there hands out what only the machine
 * itself may know.
 */
const NEVER = new Networks([
  // This network and unspecified, link-local, multicast; reserved, with the broadcast address (RFC 6890).
  ...['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', 'fe80::/10', 'ff00::/8'],
  // Link-local addresses of IPv4 that are reached by IPv6: NAT64 (RFC 6052) and 6to4 (RFC 3056).
  ...['64:ff9b::a9fe:0/112', '2002:a9fe::/32'],
  // What tells machines of AWS, Google, Alibaba, Azure and Oracle about themselves, where it is not link-local.
  ...['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16', '192.0.0.192'],
]);

/**
 * Whether an endpoint may be at an address that somebody else than the configuration has named: DNS, a file, Kubernetes,
 * an operator at run time. Loopback and private networks may serve; an address with a zone may not.
 *
 * @param allowed the only networks that endpoints may be in. Default: any.
 */
export const isEndpointAddress = (address: string, allowed?: Networks): boolean =>
  isIP(address) !== 0 && !address.includes('%') && !NEVER.has(address) && (allowed?.has(address) ?? true);

/**
 * As {@link isEndpointAddress}, for the host of a URL. A name may be used unless the networks are limited: only whoever
 * connects to it finds out what it stands for.
 */
export function isEndpointUrl(url: string, allowed?: Networks): boolean {
  const address = endpointAddress(url);
  const host = address.slice(0, address.lastIndexOf(':')).replaceAll(/^\[|\]$/g, '');
  return isIP(host) === 0 ? allowed === undefined : isEndpointAddress(host, allowed);
}
