import { PARTIAL, type ProxyHeaderReading, rejected } from './proxy-header.ts';
import { readVersion1 } from './version-1.ts';
import { readVersion2 } from './version-2.ts';

const UPPER_P = 0x50;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads the header of the PROXY protocol, version 1 or 2, from all bytes that a connection has brought so far
 * (haproxy.org/download/3.0/doc/proxy-protocol.txt). What is no header is rejected at its first wrong byte, not when a
 * whole header's worth has come.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeaderReading {
  switch (bytes[0]) {
    case undefined:
      return PARTIAL;
    case UPPER_P:
      return readVersion1(bytes);
    case CARRIAGE_RETURN:
      return readVersion2(bytes);
    default:
      return rejected('no PROXY protocol header');
  }
}
