import { isIPv4, SocketAddress } from 'node:net';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';

/** Both ends of a proxied connection. */
export interface Ends {
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
}

/** The header of version 1 as a proxy writes it. */
export function proxyHeaderV1({ source, destination }: Ends): Buffer {
  const family = isIPv4(source.address) ? 'TCP4' : 'TCP6';
  return Buffer.from(
    `PROXY ${family} ${source.address} ${destination.address} ${source.port} ${destination.port}\r\n`,
  );
}

/** Family and transport, as the byte that stands for both. */
export const V2_FAMILY = { unspecified: 0x00, tcp4: 0x11, tcp6: 0x21, unix: 0x31 } as const;

/** What a version 2 header says beyond its ends, or against them. */
export interface V2Wishes {
  readonly command?: number;
  readonly family?: number;
  /** Bytes after the addresses, where additional values stand. */
  readonly extra?: Uint8Array;
}

/** The header of version 2 as a proxy writes it: PROXY with both ends, or LOCAL without. */
export function proxyHeaderV2(ends: Ends | undefined, { command, family, extra }: V2Wishes = {}): Buffer {
  const body = Buffer.concat([
    ends === undefined ? Buffer.alloc(0) : addressBlock(ends),
    extra ?? Buffer.alloc(0),
  ]);
  const preamble = Buffer.from('\r\n\r\n\0\r\nQUIT\n\0\0\0\0', 'latin1');
  preamble[12] = command ?? (ends === undefined ? 0x20 : 0x21);
  preamble[13] = family ?? familyOf(ends);
  preamble.writeUInt16BE(body.length, 14);
  return Buffer.concat([preamble, body]);
}

function familyOf(ends: Ends | undefined): number {
  if (ends === undefined) return V2_FAMILY.unspecified;
  return isIPv4(ends.source.address) ? V2_FAMILY.tcp4 : V2_FAMILY.tcp6;
}

function addressBlock({ source, destination }: Ends): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  return Buffer.concat([bytesOf(source.address), bytesOf(destination.address), ports]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const groups = expanded(new SocketAddress({ address, family: 'ipv6' }).address);
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** The eight groups of a canonical IPv6 address. */
function expanded(address: string): readonly string[] {
  const hexadecimal = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = hexadecimal.split('::');
  const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  if (tail === undefined) return groupsOf(head);
  const missing = 8 - groupsOf(head).length - groupsOf(tail).length;
  return [...groupsOf(head), ...Array.from({ length: missing }, () => '0'), ...groupsOf(tail)];
}
