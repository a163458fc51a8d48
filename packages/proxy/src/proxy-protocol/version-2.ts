import { addressOfBytes } from './address.ts';
import {
  PARTIAL,
  PROXY_HEADER_BYTES_MAX,
  type ProxyHeader,
  type ProxyHeaderReading,
  rejected,
} from './proxy-header.ts';

export const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const VERSION_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;
export const PREAMBLE_BYTES = 16;

const LOCAL = 0x20;
export const PROXY = 0x21;

/** Bytes of one address, by family and transport; 0 where what is told is of no use on a TCP listener. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = {
  0: 0, // unspecified
  17: 4, // TCP over IPv4
  33: 16, // TCP over IPv6
  49: 0, // a stream over a Unix socket
};

/**
 * The binary header of version 2 (section 2.2 of the specification). Additional values after the addresses (TLVs) are
 * skipped. Transports of datagrams cannot have led to a connection and are rejected.
 */
export function readVersion2(bytes: Buffer): ProxyHeaderReading {
  const known = Math.min(bytes.length, SIGNATURE.length);
  if (bytes.compare(SIGNATURE, 0, known, 0, known) !== 0) return rejected('no PROXY protocol header');
  const command = bytes[VERSION_AT];
  if (command === undefined) return PARTIAL;
  if (command !== LOCAL && command !== PROXY) return rejected('an unknown version or command');
  const family = bytes[FAMILY_AT];
  if (family === undefined) return PARTIAL;
  const addressBytes = command === LOCAL ? 0 : ADDRESS_BYTES[family];
  if (addressBytes === undefined) return rejected('an unknown address family');
  if (bytes.length < PREAMBLE_BYTES) return PARTIAL;
  const length = PREAMBLE_BYTES + bytes.readUInt16BE(LENGTH_AT);
  if (length > PROXY_HEADER_BYTES_MAX) return rejected('a header that is too long');
  if (length < PREAMBLE_BYTES + blockBytes(addressBytes)) return rejected('a header without its addresses');
  if (bytes.length < length) return PARTIAL;
  return { kind: 'read', header: headerOf(bytes, addressBytes), length };
}

/** Two addresses, and a port for each. */
const blockBytes = (addressBytes: number): number => (addressBytes === 0 ? 0 : 2 * addressBytes + 4);

function headerOf(bytes: Buffer, addressBytes: number): ProxyHeader {
  if (addressBytes === 0) return { kind: 'local' };
  const destinationAt = PREAMBLE_BYTES + addressBytes;
  const portsAt = destinationAt + addressBytes;
  return {
    kind: 'proxied',
    source: {
      address: addressOfBytes(bytes.subarray(PREAMBLE_BYTES, destinationAt)),
      port: bytes.readUInt16BE(portsAt),
    },
    destination: {
      address: addressOfBytes(bytes.subarray(destinationAt, portsAt)),
      port: bytes.readUInt16BE(portsAt + 2),
    },
  };
}
