import { endpointId } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { initialHealthCheck } from '../health/health-check.ts';
import { initialOutlier } from '../health/outlier-detection.ts';
import { shop, shortId, testEndpoint } from '../testing/endpoints.ts';
import { LogBook } from '../testing/log-book.ts';
import { healthCheck, testPool } from '../testing/test-pool.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointHealth, Pool } from './pool.ts';

const endpointOf = (pool: Pool, id: string): Endpoint => pool.find(endpointId(shop, id)) as Endpoint;
const usable = (pool: Pool) => pool.usable.map(shortId);

const UP: EndpointHealth = { check: initialHealthCheck, outlier: initialOutlier };
const FAILING: EndpointHealth = { check: { kind: 'failing', passes: 0 }, outlier: initialOutlier };

/** The ids of the endpoints that a pool tells its watchers of. */
function toldBy(pool: Pool): readonly string[] {
  const told: string[] = [];
  pool.watch({ endpointsChanged: () => {}, standingChanged: ({ id }) => told.push(id) });
  return told;
}

describe('what a pool finds out by itself', () => {
  it('is told to its watchers, once for each change of standing', () => {
    const pool = testPool({ healthCheck });
    const told = toldBy(pool);
    const endpoint = endpointOf(pool, 'a');
    pool.reported(endpoint, 'answered');
    pool.reported(endpoint, 'connect-failed');
    pool.reported(endpoint, 'connect-failed');
    expect(told).toEqual(['shop/a']);
    for (let probe = 0; probe < healthCheck.healthyAfter; probe++) pool.probed(endpoint, 'passed');
    expect(told).toEqual(['shop/a', 'shop/a']);
  });
});

describe('what a pool learns of another process', () => {
  it('counts like its own finding', () => {
    const pool = testPool({ healthCheck });
    pool.learn(endpointOf(pool, 'b'), FAILING);
    expect(usable(pool)).toEqual(['a', 'c']);
    expect(pool.candidates.map(shortId)).toEqual(['a', 'c']);
    pool.learn(endpointOf(pool, 'b'), UP);
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });

  it('is not told to its watchers, so that news does not go in circles, and is no event for operators', () => {
    const log = new LogBook();
    const pool = testPool({ healthCheck, log });
    const told = toldBy(pool);
    pool.learn(endpointOf(pool, 'b'), FAILING);
    expect(told).toEqual([]);
    expect(log.entries.map(({ level }) => level)).toEqual(['debug']);
  });

  it('ends at the moment that the other process has named, where time ends an ejection', async () => {
    const clock = new ManualClock();
    const pool = testPool({ clock });
    pool.learn(endpointOf(pool, 'b'), {
      check: initialHealthCheck,
      outlier: { kind: 'ejected', untilMs: clock.now() + 700 },
    });
    await clock.advance(699);
    expect(usable(pool)).toEqual(['a', 'c']);
    await clock.advance(1);
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });

  it('plans no second return of an endpoint that it had ejected itself', async () => {
    const clock = new ManualClock();
    const pool = testPool({ clock });
    const endpoint = endpointOf(pool, 'b');
    pool.reported(endpoint, 'connect-failed');
    const timers = clock.pendingTimers;
    pool.learn(endpoint, {
      check: initialHealthCheck,
      outlier: { kind: 'ejected', untilMs: clock.now() + 1 },
    });
    expect(clock.pendingTimers).toBe(timers);
  });

  it('is for probes to end, where there are any: each passed one of this process counts', () => {
    const pool = testPool({ healthCheck });
    const endpoint = endpointOf(pool, 'b');
    pool.learn(endpoint, FAILING);
    for (let probe = 0; probe < healthCheck.healthyAfter; probe++) pool.probed(endpoint, 'passed');
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });

  it('says nothing of which process serves where whoever names the endpoint has said that', () => {
    const [named, probed] = [testEndpoint('a', 1, { incarnation: 'pod 2' }), testEndpoint('b')];
    const pool = testPool({ endpoints: [named, probed] });
    for (const endpoint of pool.endpoints) pool.learn(endpoint, { ...UP, incarnation: 'pod 1' });
    expect([named.incarnation, probed.incarnation]).toEqual(['pod 2', 'pod 1']);
  });
});
