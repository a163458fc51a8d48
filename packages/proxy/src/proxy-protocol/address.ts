import { isIPv6, SocketAddress } from 'node:net';

/** An address in the canonical form of its family: one address has one text, whoever wrote it (RFC 5952). */
export const addressOf = (address: string): string =>
  new SocketAddress({ address, family: isIPv6(address) ? 'ipv6' : 'ipv4' }).address;

/** The address that `bytes` are, 4 or 16 of them in network order. */
export const addressOfBytes = (bytes: Buffer): string =>
  bytes.length === 4 ? bytes.join('.') : addressOf(groupsOf(bytes).join(':'));

const groupsOf = (bytes: Buffer): readonly string[] =>
  Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
