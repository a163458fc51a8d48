import { createHash } from 'node:crypto';
import { endpointAddress, type LabelSourceConfig } from '@holdfast/shared/config';
import { addressBytes } from '../balance/address-prefix.ts';
import { xxh64 } from './xxh64.ts';

/** An address in a URL, which reads every way to write one. */
const IP_ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:]*)$/;

/** The label of an endpoint by its origin; undefined where it gets none. */
export type LabelOfAddress = (origin: string) => string | undefined;

/** How labels of endpoints are made that have none of their own. */
export function addressLabelOf({
  derive,
  key = '',
}: Pick<LabelSourceConfig, 'derive' | 'key'>): LabelOfAddress {
  switch (derive) {
    case undefined:
      return () => undefined;
    case 'address-md5':
      return (origin) => createHash('md5').update(endpointAddress(origin)).digest('hex');
    case 'address-keyed':
      return (origin) => keyedLabel(endpointAddress(origin), key);
  }
}

/**
 * As HAProxy's `dynamic`: XXH64 of the key, the bytes of the address, and the port in four bytes. Without an IP address
 * there is no label.
 */
function keyedLabel(hostAndPort: string, key: string): string | undefined {
  const colon = hostAndPort.lastIndexOf(':');
  const host = hostAndPort.slice(0, colon).replace(/^\[|\]$/g, '');
  if (!IP_ADDRESS.test(host)) return undefined;
  const port = Buffer.alloc(4);
  port.writeUInt32BE(Number(hostAndPort.slice(colon + 1)));
  const hash = xxh64(Buffer.concat([Buffer.from(key), addressBytes(host), port]));
  return hash.toString(16).padStart(16, '0');
}
