import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proxyHeaderV1, proxyHeaderV2, V2_FAMILY } from '../testing/proxy-headers.ts';
import { PROXY_HEADER_BYTES_MAX, type ProxyHeaderReading } from './proxy-header.ts';
import { readProxyHeader } from './read-proxy-header.ts';

const read = (bytes: Buffer | string): ProxyHeaderReading =>
  readProxyHeader(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);

const FOUR = {
  source: { address: '203.0.113.7', port: 51_234 },
  destination: { address: '192.0.2.1', port: 443 },
};
const SIX = {
  source: { address: '2001:db8::7', port: 51_234 },
  destination: { address: '2001:db8::1', port: 443 },
};
const LONGEST = `PROXY UNKNOWN ${'f'.repeat(107 - 'PROXY UNKNOWN '.length - 2)}\r\n`;

describe('a PROXY header', () => {
  it.each([
    ['version 1 over IPv4', 'PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n', FOUR],
    ['version 1 over IPv6', 'PROXY TCP6 2001:db8::7 2001:db8::1 51234 443\r\n', SIX],
    [
      'version 1 with addresses spelt at length',
      'PROXY TCP6 2001:DB8:0:0:0:0:0:7 2001:0db8::1 51234 443\r\n',
      SIX,
    ],
    ['version 2 over IPv4', proxyHeaderV2(FOUR), FOUR],
    ['version 2 over IPv6', proxyHeaderV2(SIX), SIX],
    ['version 2 with values after the addresses', proxyHeaderV2(FOUR, { extra: Buffer.alloc(64, 1) }), FOUR],
  ])('of %s names both ends', (_, bytes, ends) => {
    expect(read(bytes)).toEqual({
      kind: 'read',
      header: { kind: 'proxied', ...ends },
      length: bytes.length,
    });
  });

  it.each([
    ['version 1, UNKNOWN', 'PROXY UNKNOWN\r\n'],
    ['version 1, UNKNOWN with addresses', 'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'],
    ['version 1, as long as it may be', LONGEST],
    ['version 2, LOCAL', proxyHeaderV2(undefined)],
    ['version 2, LOCAL with an address all the same', proxyHeaderV2(FOUR, { command: 0x20 })],
    [
      'version 2, LOCAL of a family that does not exist',
      proxyHeaderV2(FOUR, { command: 0x20, family: 0x7f }),
    ],
    ['version 2, unspecified', proxyHeaderV2(undefined, { command: 0x21, family: V2_FAMILY.unspecified })],
    [
      'version 2, Unix socket',
      proxyHeaderV2(undefined, { command: 0x21, family: V2_FAMILY.unix, extra: Buffer.alloc(216) }),
    ],
  ])('of %s leaves the addresses of the socket', (_, bytes) => {
    expect(read(bytes)).toEqual({ kind: 'read', header: { kind: 'local' }, length: bytes.length });
  });

  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01'],
    ['an empty line', '\r\nGET'],
    ['another method that starts alike', 'PROPFIND / HTTP/1.1\r\n'],
    ['a line that is too long', `PROXY UNKNOWN ${'f'.repeat(107)}\r\n`],
    ['a line that ends in LF alone', `PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\n${' '.repeat(107)}`],
    ['a protocol in lower case', 'PROXY tcp4 203.0.113.7 192.0.2.1 51234 443\r\n'],
    ['a protocol named like a property of every object', 'PROXY constructor a b 1 2\r\n'],
    ['an address of the other family', 'PROXY TCP4 2001:db8::7 2001:db8::1 51234 443\r\n'],
    ['a zone', 'PROXY TCP6 fe80::1%eth0 fe80::2 51234 443\r\n'],
    ['a host name', 'PROXY TCP4 localhost 192.0.2.1 51234 443\r\n'],
    ['an address with leading zeros', 'PROXY TCP4 203.0.113.007 192.0.2.1 51234 443\r\n'],
    ['two spaces', 'PROXY TCP4  203.0.113.7 192.0.2.1 51234 443\r\n'],
    ['a space at the end', 'PROXY TCP4 203.0.113.7 192.0.2.1 51234 443 \r\n'],
    ['a field that is missing', 'PROXY TCP4 203.0.113.7 192.0.2.1 51234\r\n'],
    ['a port that is none', 'PROXY TCP4 203.0.113.7 192.0.2.1 65536 443\r\n'],
    ['a port with a sign', 'PROXY TCP4 203.0.113.7 192.0.2.1 +1 443\r\n'],
    ['version 3', proxyHeaderV2(FOUR, { command: 0x31 })],
    ['an unknown command', proxyHeaderV2(FOUR, { command: 0x22 })],
    ['datagrams', proxyHeaderV2(FOUR, { family: 0x12 })],
    ['a family that does not exist', proxyHeaderV2(FOUR, { family: 0x41 })],
    ['addresses that are cut off', proxyHeaderV2(SIX, { family: V2_FAMILY.tcp4 }).fill(11, 15, 16)],
    ['a header that is too long', proxyHeaderV2(FOUR, { extra: Buffer.alloc(PROXY_HEADER_BYTES_MAX) })],
  ])('is not %s', (_, bytes) => {
    expect(read(bytes)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringMatching(/^(a|an|no|malformed) /),
    });
  });
});

describe('reading piece by piece', () => {
  const port = fc.nat({ max: 65_535 });
  const end = (address: fc.Arbitrary<string>) => fc.record({ address, port });
  const ends = fc.oneof(
    fc.record({ source: end(fc.ipV4()), destination: end(fc.ipV4()) }),
    fc.record({ source: end(fc.ipV6()), destination: end(fc.ipV6()) }),
  );
  const header = fc.oneof(
    ends.map((both) => proxyHeaderV1(both)),
    fc.tuple(ends, fc.uint8Array({ maxLength: 300 })).map(([both, extra]) => proxyHeaderV2(both, { extra })),
    fc.uint8Array({ maxLength: 300 }).map((extra) => proxyHeaderV2(undefined, { extra })),
  );

  it('decides at the last byte of a header, wherever it is cut', () => {
    fc.assert(
      fc.property(header, (bytes) => {
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(read(bytes.subarray(0, cut))).toEqual({ kind: 'partial' });
        }
        expect(read(bytes)).toMatchObject({ kind: 'read', length: bytes.length });
      }),
      { numRuns: 50 },
    );
  });

  it('never touches what follows the header', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 64 }), (bytes, following) => {
        expect(read(Buffer.concat([bytes, following]))).toEqual(read(bytes));
      }),
    );
  });

  it('reads version 1 and version 2 of the same ends as the same', () => {
    fc.assert(
      fc.property(ends, (both) => {
        const [text, binary] = [read(proxyHeaderV1(both)), read(proxyHeaderV2(both))];
        expect({ ...text, length: 0 }).toEqual({ ...binary, length: 0 });
      }),
    );
  });

  it('of whatever bytes throws nothing, waits for no more than a header, and keeps to its decision', () => {
    const noise = fc
      .tuple(header, fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 4 }))
      .map(([bytes, changes]) => {
        const changed = Buffer.from(bytes);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        return changed;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          noise,
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const filled = Buffer.concat([bytes, Buffer.alloc(PROXY_HEADER_BYTES_MAX)]);
          expect(read(filled).kind).not.toBe('partial');
          const early = read(bytes);
          if (early.kind !== 'partial') expect(read(filled)).toEqual(early);
        },
      ),
      { numRuns: 500 },
    );
  });
});
