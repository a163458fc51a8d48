import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressPrefix, isInNetwork, type PrefixLengths } from './address-prefix.ts';

const lengths = (ipv4Prefix: number, ipv6Prefix = 128): PrefixLengths => ({ ipv4Prefix, ipv6Prefix });

describe('the network of an address', () => {
  it.each<[string, PrefixLengths, string]>([
    ['10.1.2.3', lengths(32), '10.1.2.3'],
    ['10.1.2.3', lengths(24), '10.1.2.0/24'],
    ['10.1.2.200', lengths(25), '10.1.2.128/25'],
    ['10.1.2.3', lengths(1), '0.0.0.0/1'],
    ['200.1.2.3', lengths(1), '128.0.0.0/1'],
    ['2001:db8::1', lengths(24), '2001:db8::1'],
    ['2001:db8:1:2:3:4:5:6', lengths(32, 64), '2001:db8:1:2:0:0:0:0/64'],
    ['2001:db8::1', lengths(32, 127), '2001:db8:0:0:0:0:0:0/127'],
    ['::1', lengths(32, 64), '0:0:0:0:0:0:0:0/64'],
    ['fe80::', lengths(32, 10), 'fe80:0:0:0:0:0:0:0/10'],
  ])('of %s with %j is %s', (address, prefixes, network) => {
    expect(addressPrefix(address, prefixes)).toBe(network);
  });

  it('is the same for two addresses exactly if their first bits are', () => {
    const octets = fc.array(fc.nat({ max: 255 }), { minLength: 4, maxLength: 4 });
    const bitsOf = (parts: readonly number[]) =>
      parts.map((part) => part.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(
        octets,
        octets,
        fc.integer({ min: 1, max: 32 }),
        fc.nat({ max: 4 }),
        (one, two, length, alike) => {
          const other = [...one.slice(0, alike), ...two.slice(alike)];
          const isSame = bitsOf(one).slice(0, length) === bitsOf(other).slice(0, length);
          const networkOf = (parts: readonly number[]) => addressPrefix(parts.join('.'), lengths(length));
          expect(networkOf(one) === networkOf(other)).toBe(isSame);
        },
      ),
    );
  });

  it('is left as it is where no address is known', () => {
    expect(addressPrefix('', lengths(32))).toBe('');
  });
});

describe('an address', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.4', '10.1.2.3', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['2001:db8::1', '2001:db8:0:0::/64', true],
    ['2001:db8:0:1::1', '2001:db8::/64', false],
    ['::1', '0:0::1', true],
    ['::1', '0.0.0.0/0', false],
    ['', '0.0.0.0/0', false],
  ])('%j lies in %s: %j', (address, network, expected) => {
    expect(isInNetwork(address, network)).toBe(expected);
  });
});
