/** How many bits of an address count. */
export interface PrefixLengths {
  /** 1 to 32. */
  readonly ipv4Prefix: number;
  /** 1 to 128. */
  readonly ipv6Prefix: number;
}

const IPV4_BITS = 32;
const IPV6_BITS = 128;
const IPV6_GROUPS = 8;

/**
 * The network of an address in CIDR notation, the same text for every address in it: `10.1.2.0/24` of 10.1.2.3 with
 * `ipv4Prefix` 24. The address itself where all of its bits count.
 *
 * @param address canonical: without a zone, and no IPv4 address in the clothes of an IPv6 one
 */
export function addressPrefix(address: string, { ipv4Prefix, ipv6Prefix }: PrefixLengths): string {
  if (!address.includes(':')) {
    if (ipv4Prefix === IPV4_BITS) return address;
    return `${masked(address.split('.').map(Number), 8, ipv4Prefix).join('.')}/${ipv4Prefix}`;
  }
  if (ipv6Prefix === IPV6_BITS) return address;
  const groups = masked(groupsOf(address), 16, ipv6Prefix);
  return `${groups.map((group) => group.toString(16)).join(':')}/${ipv6Prefix}`;
}

/** The bytes of an address, 4 or 16. @param address as of {@link addressPrefix} */
export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(groupsOf(address).flatMap((group) => [group >> 8, group & 0xff]));
}

/** Whether an address lies in a network, which is written in CIDR notation or as one address. */
export function isInNetwork(address: string, network: string): boolean {
  const [base = '', length] = network.split('/');
  const [bytes, baseBytes] = [addressBytes(address), addressBytes(base)];
  if (address === '' || bytes.length !== baseBytes.length) return false;
  const bits = length === undefined ? 8 * bytes.length : Number(length);
  return Buffer.from(masked([...bytes], 8, bits)).equals(Buffer.from(masked([...baseBytes], 8, bits)));
}

/** The first `length` bits of the parts; the others are zero. */
const masked = (parts: readonly number[], bits: number, length: number): readonly number[] =>
  parts.map((part, index) => {
    const kept = Math.min(bits, Math.max(0, length - index * bits));
    return part & ~(2 ** (bits - kept) - 1);
  });

/** The groups of an IPv6 address, those that `::` stands for written out. */
function groupsOf(address: string): readonly number[] {
  const [head = [], tail = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: IPV6_GROUPS - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
