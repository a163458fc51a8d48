import { requestField } from './nginx-variables.ts';
import { sourceOf, type WrittenSource } from './written-source.ts';

const ADDRESS = /^\$\{?(?:binary_)?(?:remote_addr|proxy_protocol_addr)\}?$/;

/** nginx keeps no table for an address that it hashes, and so the nearest of ours keeps none. */
const hashedAddress = (ipv4Prefix: number): WrittenSource => ({
  type: 'source-ip',
  mode: 'hash',
  ...(ipv4Prefix < 32 && { ipv4Prefix }),
});

/** By `ip_hash`: the first three octets of an IPv4 address, all of an IPv6 one. */
export const ipHash = (): WrittenSource => hashedAddress(24);

/** The source for the key of a `hash` directive; undefined of a key that names no session. */
export function hashedKey(key: string): WrittenSource | undefined {
  if (ADDRESS.test(key)) return hashedAddress(32);
  const field = requestField(key);
  return field && sourceOf(field);
}
