import { endpointId, type Pin, poolName, sessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { pinIdOf } from '../pool/incarnation.ts';
import { UnconfirmedVisits } from './unconfirmed-visits.ts';

const shop = poolName('shop');
const [a, b] = [endpointId(shop, 'a'), endpointId(shop, 'b')];
const [one, other] = [sessionKey('one'), sessionKey('other')];

const pinnedTo = (endpoint: Pin['endpoint'], pinnedAtMs: number): Pin => ({
  ...{ endpoint, pinnedAtMs, version: 2 },
  ...{ expiresAtMs: 1e9, endsAtMs: 1e9 },
});

describe('visits without the word of the session map', () => {
  it('were elsewhere if the session had come to another endpoint before them', () => {
    const visits = new UnconfirmedVisits();
    for (const atMs of [10_000, 20_000, 30_000]) visits.add(one, a, atMs);
    expect(visits.settle(one, pinnedTo(b, 15_000))).toBe(2);
  });

  it('were right where the session is, or was until then', () => {
    const visits = new UnconfirmedVisits();
    visits.add(one, a, 10_000);
    visits.add(other, a, 10_000);
    expect(visits.settle(one, pinnedTo(a, 0))).toBe(0);
    expect(visits.settle(other, pinnedTo(b, 10_001))).toBe(0);
  });

  it('are not held against a node within a second of the move: clocks differ, and a copy is believed for so long', () => {
    const visits = new UnconfirmedVisits();
    visits.add(one, a, 11_000);
    visits.add(one, a, 11_001);
    expect(visits.settle(one, pinnedTo(b, 10_000))).toBe(1);
  });

  it('are settled once, each session by itself', () => {
    const visits = new UnconfirmedVisits();
    visits.add(one, a, 20_000);
    visits.add(other, a, 20_000);
    expect(visits.settle(one, pinnedTo(b, 0))).toBe(1);
    expect(visits.settle(one, pinnedTo(b, 0))).toBe(0);
    expect(visits.count).toBe(1);
  });

  it('count for the endpoint, whichever process serves there', () => {
    const visits = new UnconfirmedVisits();
    visits.add(one, a, 20_000);
    expect(visits.settle(one, pinnedTo(pinIdOf(a, '2'), 0))).toBe(0);
  });

  it('are 20,000 at most: the sessions that came first are forgotten, also one that never stops', () => {
    const visits = new UnconfirmedVisits();
    for (let count = 0; count < 50_000; count++) visits.add(sessionKey(`key-${count}`), a, 20_000);
    expect(visits.count).toBe(20_000);
    expect(visits.settle(sessionKey('key-0'), pinnedTo(b, 0))).toBe(0);
    expect(visits.settle(sessionKey('key-49999'), pinnedTo(b, 0))).toBe(1);
    for (let count = 0; count < 50_000; count++) visits.add(one, a, 20_000);
    expect(visits.count).toBeLessThanOrEqual(20_000);
  });
});
