import { describe, expect, it } from 'vitest';
import { canonicalAddress, Peer } from './peer.ts';

describe('canonicalAddress', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:c000:201', '::ffff:c000:201'],
    ['', ''],
  ])('writes %j as %j', (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });
});

describe('a peer', () => {
  it('is known by its canonical address, so that rules for IPv4 hold on dual-stack sockets', () => {
    expect(new Peer('::ffff:10.0.0.1', 8080, false).address).toBe('10.0.0.1');
  });
});
