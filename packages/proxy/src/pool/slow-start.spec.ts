import { endpointId } from '@holdfast/shared';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomTwo } from '../balance/random-two.ts';
import { RoundRobin } from '../balance/round-robin.ts';
import { STRANGER } from '../balance/selector.ts';
import { shop, shortId, testEndpoint } from '../testing/endpoints.ts';
import { healthCheck, outlierDetection, testPool } from '../testing/test-pool.ts';
import type { Endpoint } from './endpoint.ts';
import type { Pool } from './pool.ts';
import { warmth } from './slow-start.ts';

const SLOW_START_MS = 30_000;
const endpointOf = (pool: Pool, id: string): Endpoint => pool.find(endpointId(shop, id)) as Endpoint;

/** Takes endpoint `a` down and brings it back. */
function restart(pool: Pool): void {
  const a = endpointOf(pool, 'a');
  pool.reported(a, 'connect-failed');
  for (let probe = 0; probe < healthCheck.healthyAfter; probe++) pool.probed(a, 'passed');
}

const slowPool = (clock = new ManualClock(), options = {}): Pool =>
  testPool({ clock, healthCheck, slowStartMs: SLOW_START_MS, ...options });

/** The part of so many new sessions that `a` gets. */
function partOf(pool: Pool, sessions = 600): number {
  const chosen = Array.from({ length: sessions }, () => shortId(pool.select(STRANGER)));
  return chosen.filter((id) => id === 'a').length / sessions;
}

describe('warming up', () => {
  it('grows from a twentieth to all, never back, and never by more than a twentieth at once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40_000 }), fc.nat({ max: 1_500 }), (elapsedMs, laterMs) => {
        const [before, after] = [
          warmth(elapsedMs, SLOW_START_MS),
          warmth(elapsedMs + laterMs, SLOW_START_MS),
        ];
        expect(before).toBeGreaterThanOrEqual(0.05);
        expect(before).toBeGreaterThanOrEqual(Math.min(1, elapsedMs / SLOW_START_MS));
        expect(after - before).toBeGreaterThanOrEqual(0);
        expect(after - before).toBeLessThan(0.0501);
        expect(after).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('an endpoint that comes back to a pool with slow start', () => {
  it('gets a share of new sessions that grows evenly until it is what the weight says', async () => {
    const clock = new ManualClock();
    const pool = slowPool(clock);
    restart(pool);
    for (const part of [0.05, 0.25, 0.5, 0.75]) {
      // Of three endpoints of weight 1, of which one has warmed up so far.
      expect(Math.abs(partOf(pool) - part / (2 + part))).toBeLessThan(0.02);
      await clock.advance(part === 0.05 ? 0.2 * SLOW_START_MS : 0.25 * SLOW_START_MS);
    }
    await clock.advance(SLOW_START_MS);
    expect(partOf(pool)).toBeCloseTo(1 / 3, 2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is spared by a policy of chance as well', () => {
    const pool = slowPool(new ManualClock(), { selector: new RandomTwo(seededRandom(3)) });
    restart(pool);
    expect(partOf(pool, 4_000)).toBeLessThan(0.05);
  });

  it('serves all alone where there is no other', () => {
    const pool = slowPool(new ManualClock(), { endpoints: [testEndpoint('a')] });
    restart(pool);
    expect(partOf(pool, 10)).toBe(1);
  });

  it('starts anew when it fails again', async () => {
    const clock = new ManualClock();
    const pool = slowPool(clock);
    restart(pool);
    await clock.advance(SLOW_START_MS / 2);
    restart(pool);
    expect(endpointOf(pool, 'a').share).toBe(0.05);
  });
});

describe('an endpoint that joins a pool with slow start', () => {
  it('warms up, and those that were there from the start do not', () => {
    const pool = slowPool();
    pool.setEndpoints([testEndpoint('a'), testEndpoint('b'), testEndpoint('d', 4)]);
    const shares = ['a', 'b', 'd'].map((id) => endpointOf(pool, id).share);
    expect(shares).toEqual([1, 1, 0.2]);
  });

  it('takes its share of moved sessions all the same: where these go, every node must compute alike', () => {
    const pool = slowPool();
    restart(pool);
    expect(pool.candidates.map(shortId)).toEqual(['a', 'b', 'c']);
    expect(endpointOf(pool, 'a').weight).toBe(1);
  });

  it('is warm at once when slow start is taken out of the configuration', async () => {
    const clock = new ManualClock();
    const pool = slowPool(clock);
    restart(pool);
    pool.configure({ selector: new RoundRobin(0), healthCheck, outlierDetection });
    expect(endpointOf(pool, 'a').share).toBe(1);
  });
});
