import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddress, TrustedProxies } from './trusted-proxies.ts';

describe('trusted proxies', () => {
  const trusted = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '2001:db8::1']);

  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '192.0.2.1',
    'fd00::1',
    'fdff:ffff::1',
    '2001:db8::1',
    '2001:DB8:0::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
  ])('are believed at %s', (address) => {
    expect(trusted.has(address)).toBe(true);
    expect(trusted.has(address)).toBe(true);
  });

  it.each([
    '11.0.0.1',
    '9.255.255.255',
    '192.0.2.2',
    'fe00::1',
    '2001:db8::2',
    '::ffff:192.0.2.2',
    '::1',
    '10.0.0.1:443',
    'localhost',
    '',
  ])('are not believed at %j', (address) => {
    expect(trusted.has(address)).toBe(false);
    expect(trusted.has(address)).toBe(false);
  });

  it('are none where none is named', () => {
    const nobody = new TrustedProxies([]);
    for (const address of ['127.0.0.1', '::1', '10.0.0.1']) expect(nobody.has(address)).toBe(false);
  });

  it('may be everybody', () => {
    const everybody = new TrustedProxies(['0.0.0.0/0', '::/0']);
    expect(everybody.has('203.0.113.9')).toBe(true);
    expect(everybody.has('2001:db8::9')).toBe(true);
  });
});

describe("the client's address", () => {
  const trusted = new TrustedProxies(['10.0.0.0/8', 'fd00::/8']);

  it.each([
    ['nothing was forwarded', undefined, '10.0.0.1'],
    ['the only hop', '203.0.113.9', '203.0.113.9'],
    ['the last hop that is no trusted proxy', '203.0.113.9, 10.0.0.3, 10.0.0.2', '203.0.113.9'],
    ['what the client invented stands to the left', '1.2.3.4, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['IPv6', '2001:db8::9, fd00::2', '2001:db8::9'],
    ['a mapped address', '::ffff:203.0.113.9', '203.0.113.9'],
    ['blanks of any kind', '  203.0.113.9\t,10.0.0.2 ', '203.0.113.9'],
    ['all are trusted: the first', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['no address: the last one understood', '203.0.113.9, unknown, 10.0.0.2', '10.0.0.2'],
    ['nothing that is an address: the peer', 'unknown', '10.0.0.1'],
    ['an empty list: the peer', '', '10.0.0.1'],
  ])('is, where it is %s, read from the right', (_, forwardedFor, client) => {
    expect(clientAddress('10.0.0.1', forwardedFor, trusted)).toBe(client);
  });

  it('cannot be chosen by a client, whatever it sends to the left', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 5 }), (invented) => {
        const forwardedFor = [...invented, '203.0.113.9', '10.0.0.2'].join(', ');
        expect(clientAddress('10.0.0.1', forwardedFor, trusted)).toBe('203.0.113.9');
      }),
    );
  });
});
