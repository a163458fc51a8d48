import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from './address.ts';
import { readProxyHeader } from './read-proxy-header.ts';
import { type ProxyProtocolVersion, writeProxyHeader } from './write-proxy-header.ts';

const FOUR = { address: '203.0.113.7', port: 51_234 };
const SIX = { address: '2001:db8::7', port: 443 };

const version = fc.constantFrom<ProxyProtocolVersion>('v1', 'v2');
const port = fc.integer({ min: 0, max: 65_535 });
const endOf = (address: fc.Arbitrary<string>) => fc.record({ address: address.map(addressOf), port });
const ends = fc.oneof(
  fc.tuple(endOf(fc.ipV4()), endOf(fc.ipV4())),
  fc.tuple(endOf(fc.ipV6()), endOf(fc.ipV6())),
);

describe('a PROXY header that is written', () => {
  it('says in version 1 and 2 what whoever reads it finds, to the last byte', () => {
    fc.assert(
      fc.property(version, ends, (written, [source, destination]) => {
        const bytes = writeProxyHeader(written, source, destination);
        const reading = readProxyHeader(Buffer.concat([bytes, Buffer.from('what the client sends')]));
        expect(reading).toEqual({
          kind: 'read',
          header: { kind: 'proxied', source, destination },
          length: bytes.length,
        });
      }),
    );
  });

  it('is text in version 1', () => {
    const bytes = writeProxyHeader('v1', FOUR, { address: '192.0.2.1', port: 6379 });
    expect(bytes.toString()).toBe('PROXY TCP4 203.0.113.7 192.0.2.1 51234 6379\r\n');
  });

  it.each(['v1', 'v2'] as const)('has one family where its ends have two: %s', (written) => {
    expect(readProxyHeader(writeProxyHeader(written, FOUR, SIX))).toMatchObject({
      kind: 'read',
      header: { source: { address: '::ffff:203.0.113.7', port: FOUR.port }, destination: SIX },
    });
  });
});
