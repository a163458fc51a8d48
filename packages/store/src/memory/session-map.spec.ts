import { describe, expect, it } from 'vitest';
import { keyOf, pinWith, START_MS } from '../testing/index.ts';
import { SessionMap } from './session-map.ts';

describe('the session map in memory', () => {
  it('never holds more sessions than it may', () => {
    const map = new SessionMap({ entriesMax: 10 });
    for (let index = 0; index < 1_000; index += 1) {
      map.set(keyOf(index), pinWith(), START_MS);
      expect(map.size).toBeLessThanOrEqual(10);
    }
  });

  it('makes room by forgetting the session that is nearest its deadline', () => {
    const map = new SessionMap({ entriesMax: 4 });
    for (const [index, idleMs] of [400, 100, 300, 200].entries()) {
      map.set(keyOf(index), pinWith({ expiresAtMs: START_MS + idleMs }), START_MS);
    }
    map.set(keyOf(9), pinWith(), START_MS);
    expect([0, 1, 2, 3, 9].filter((index) => map.get(keyOf(index), START_MS) !== undefined)).toEqual([
      0, 2, 3, 9,
    ]);
  });

  it('forgets the expired before it forgets a living session', () => {
    const map = new SessionMap({ entriesMax: 4 });
    map.set(keyOf(0), pinWith({ expiresAtMs: START_MS + 1 }), START_MS);
    for (let index = 1; index < 4; index += 1) map.set(keyOf(index), pinWith(), START_MS);
    map.set(keyOf(4), pinWith(), START_MS + 1);
    expect([1, 2, 3, 4].every((index) => map.get(keyOf(index), START_MS + 1) !== undefined)).toBe(true);
  });

  it('clears expired sessions away as new ones come, without having been asked', () => {
    const map = new SessionMap();
    for (let index = 0; index < 1_000; index += 1)
      map.set(keyOf(index), pinWith({ expiresAtMs: START_MS + 1 }), START_MS);
    for (let index = 0; index < 300; index += 1) map.set(keyOf(2_000 + index), pinWith(), START_MS + 1);
    expect(map.size).toBe(300);
  });
});
