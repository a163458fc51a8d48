import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { chiSquared, selectOf } from '../testing/selecting.ts';
import type { PrefixLengths } from './address-prefix.ts';
import type { Newcomer } from './selector.ts';
import { SourceIp } from './source-ip.ts';

const from = (clientAddress: string): Newcomer => ({ sessionKey: undefined, clientAddress });
const endpoints = ['a', 'b', 'c', 'd', 'e'].map((id) => testEndpoint(id));
const addresses = Array.from({ length: 10_000 }, (_, index) => `10.${index >> 8}.${index & 255}.7`);

const sourceIp = (candidates: readonly Endpoint[], lengths: Partial<PrefixLengths> = {}): SourceIp => {
  const selector = new SourceIp({ ipv4Prefix: 32, ipv6Prefix: 128, ...lengths });
  selector.use(candidates);
  return selector;
};

const placesOf = (selector: SourceIp) => addresses.map((address) => selectOf(selector, from(address)));

describe('the source-ip policy', () => {
  it('gives a client the same endpoint each time, and at every node', () => {
    expect(placesOf(sourceIp(endpoints))).toEqual(placesOf(sourceIp([...endpoints].reverse())));
  });

  it('keeps a network together where a prefix says so', () => {
    const selector = sourceIp(endpoints, { ipv4Prefix: 24, ipv6Prefix: 64 });
    const places = (address: (host: number) => string) =>
      new Set(Array.from({ length: 200 }, (_, host) => selectOf(selector, from(address(host)))));
    expect(places((host) => `192.0.2.${host}`).size).toBe(1);
    expect(places((host) => `192.0.${host}.1`).size).toBe(5);
    expect(places((host) => `2001:db8::${host}`).size).toBe(1);
    expect(places((host) => `2001:db8:0:${host}::1`).size).toBe(5);
  });

  it('moves only the clients of an endpoint that leaves', () => {
    const before = placesOf(sourceIp(endpoints));
    const after = placesOf(sourceIp(endpoints.slice(1)));
    const moved = before.filter((place, index) => place !== after[index]);
    expect(moved.every((place) => shortId(place) === 'a')).toBe(true);
    expect(moved.length / addresses.length).toBeLessThan(1 / 5 + 0.02);
  });

  it('shares clients by weight as evenly as chance would', () => {
    const weights = [1, 2, 3, 4];
    const weighted = weights.map((weight, index) => testEndpoint(`w${index}`, weight));
    const places = placesOf(sourceIp(weighted));
    const counts = weighted.map((endpoint) => places.filter((place) => place === endpoint).length);
    // 16.3 is what chance exceeds once in a thousand times with three degrees of freedom; the addresses are fixed.
    expect(chiSquared(counts, weights)).toBeLessThan(16.3);
  });

  it('sends the clients of an endpoint that is not admitted where they would go if it were gone', () => {
    const rest = sourceIp(endpoints.slice(1));
    const all = sourceIp(endpoints);
    for (const address of addresses.slice(0, 100))
      expect(selectOf(all, from(address), endpoints[0])).toBe(selectOf(rest, from(address)));
  });

  it('names nobody when there is nobody', () => {
    expect(selectOf(sourceIp([]), from('10.0.0.1'))).toBeUndefined();
  });
});
