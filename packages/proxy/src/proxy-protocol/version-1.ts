import { isIPv4, isIPv6 } from 'node:net';
import { addressOf } from './address.ts';
import { PARTIAL, type ProxyHeaderReading, rejected, type TransportAddress } from './proxy-header.ts';

const PREFIX = Buffer.from('PROXY ');
/** With its line end: what two IPv6 addresses of full length make, as the specification counts it. */
const LINE_BYTES_MAX = 107;
const PORT = /^(?:0|[1-9]\d{0,4})$/;

/** The line of version 1 (section 2.1 of the specification). */
export function readVersion1(bytes: Buffer): ProxyHeaderReading {
  const known = Math.min(bytes.length, PREFIX.length);
  if (bytes.compare(PREFIX, 0, known, 0, known) !== 0) return rejected('no PROXY protocol header');
  const end = bytes.subarray(0, LINE_BYTES_MAX).indexOf('\r\n');
  if (end === -1) return bytes.length < LINE_BYTES_MAX ? PARTIAL : rejected('a line that does not end');
  const [protocol, ...fields] = bytes.toString('latin1', PREFIX.length, end).split(' ');
  const length = end + 2;
  // Whatever stands behind UNKNOWN is to be ignored.
  if (protocol === 'UNKNOWN') return { kind: 'read', header: { kind: 'local' }, length };
  const isFamily = FAMILIES.get(protocol ?? '');
  if (isFamily === undefined) return rejected('an unknown protocol');
  const [sourceAddress, destinationAddress, sourcePort, destinationPort] = fields;
  const source = endOf(sourceAddress, sourcePort, isFamily);
  const destination = endOf(destinationAddress, destinationPort, isFamily);
  if (fields.length !== 4 || source === undefined || destination === undefined) {
    return rejected('malformed addresses');
  }
  return { kind: 'read', header: { kind: 'proxied', source, destination }, length };
}

/** An IPv6 address with a zone is one of the sender's links, and tells us nothing. */
const FAMILIES: ReadonlyMap<string, (address: string) => boolean> = new Map([
  ['TCP4', isIPv4],
  ['TCP6', (address) => isIPv6(address) && !address.includes('%')],
]);

function endOf(
  address = '',
  port = '',
  isFamily: (address: string) => boolean,
): TransportAddress | undefined {
  if (!isFamily(address) || !PORT.test(port) || Number(port) > 65_535) return undefined;
  return { address: addressOf(address), port: Number(port) };
}
