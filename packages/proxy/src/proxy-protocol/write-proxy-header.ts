import { isIPv4, SocketAddress } from 'node:net';
import type { TransportAddress } from './proxy-header.ts';
import { PREAMBLE_BYTES, PROXY, SIGNATURE } from './version-2.ts';

/** Which of the two forms of the header: a line of text, or binary. */
export type ProxyProtocolVersion = 'v1' | 'v2';

const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * The PROXY protocol header of a connection that came from `source` and wanted `destination`. Where one of them is an IPv6
 * address both are written as such, because a header has one family.
 */
export function writeProxyHeader(
  version: ProxyProtocolVersion,
  source: TransportAddress,
  destination: TransportAddress,
): Buffer {
  const isV4 = isIPv4(source.address) && isIPv4(destination.address);
  const [from, to] = isV4 ? [source, destination] : [mapped(source), mapped(destination)];
  return version === 'v1' ? version1(isV4, from, to) : version2(isV4, from, to);
}

const version1 = (isV4: boolean, source: TransportAddress, destination: TransportAddress): Buffer =>
  Buffer.from(
    `PROXY ${isV4 ? 'TCP4' : 'TCP6'} ${source.address} ${destination.address} ${source.port} ${destination.port}\r\n`,
    'latin1',
  );

function version2(isV4: boolean, source: TransportAddress, destination: TransportAddress): Buffer {
  const toBytes = isV4 ? bytesOfIPv4 : bytesOfIPv6;
  const addresses = Buffer.concat([toBytes(source.address), toBytes(destination.address)]);
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  SIGNATURE.copy(preamble);
  preamble.set([PROXY, isV4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6], SIGNATURE.length);
  preamble.writeUInt16BE(addresses.length + 4, PREAMBLE_BYTES - 2);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  return Buffer.concat([preamble, addresses, ports]);
}

/** An IPv4 address as the IPv6 address that stands for it (RFC 4291 section 2.5.5.2). */
const mapped = ({ address, port }: TransportAddress): TransportAddress => ({
  address: isIPv4(address)
    ? new SocketAddress({ address: `::ffff:${address}`, family: 'ipv6' }).address
    : address,
  port,
});

const bytesOfIPv4 = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** Groups of two bytes, `::` for as many groups of zeroes as are missing; the last two may be written as IPv4. */
function bytesOfIPv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const missing = new Array<number>(8 - before.length - after.length).fill(0);
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...before, ...missing, ...after].entries())
    bytes.writeUInt16BE(group, 2 * index);
  return bytes;
}

const groupsOf = (text: string): readonly number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16)];
        const bytes = bytesOfIPv4(group);
        return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
      });
