import { endpointId } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { LeastConnections } from '../balance/least-connections.ts';
import { RoundRobin } from '../balance/round-robin.ts';
import { STRANGER } from '../balance/selector.ts';
import { shop, shortId, testEndpoint } from '../testing/endpoints.ts';
import { LogBook } from '../testing/log-book.ts';
import { healthCheck, outlierDetection, testPool } from '../testing/test-pool.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointsChange } from './endpoint-change.ts';
import type { Pool } from './pool.ts';

const endpointOf = (pool: Pool, id: string): Endpoint => pool.find(endpointId(shop, id)) as Endpoint;
const specs = (...ids: string[]) => ids.map((id) => testEndpoint(id));
const usable = (pool: Pool) => pool.usable.map(shortId);

describe('a pool whose endpoints change', () => {
  it('finds and selects those that came, and none that went', () => {
    const pool = testPool();
    pool.setEndpoints(specs('b', 'd'));
    expect(usable(pool)).toEqual(['b', 'd']);
    expect(pool.find(endpointId(shop, 'a'))).toBeUndefined();
    expect(new Set(Array.from({ length: 4 }, () => shortId(pool.select(STRANGER))))).toEqual(
      new Set(['b', 'd']),
    );
  });

  it('leaves those that stay as they are: down, draining, with requests', () => {
    const pool = testPool();
    const a = endpointOf(pool, 'a');
    const b = Object.assign(endpointOf(pool, 'b'), { drainingSinceMs: 5, inFlight: 3 });
    pool.reported(a, 'connect-failed');
    pool.setEndpoints(specs('a', 'b', 'd'));
    expect(endpointOf(pool, 'a')).toBe(a);
    expect([a.standing, b.standing, b.inFlight]).toEqual(['down', 'draining', 3]);
    expect(usable(pool)).toEqual(['b', 'd']);
  });

  it('gives new sessions by the new weights', () => {
    const pool = testPool();
    pool.setEndpoints([testEndpoint('a', 0), testEndpoint('b'), testEndpoint('c', 3)]);
    const chosen = Array.from({ length: 8 }, () => shortId(pool.select(STRANGER)));
    expect(chosen.filter((id) => id === 'c')).toHaveLength(6);
    expect(chosen).not.toContain('a');
  });

  it('tells those who watch, once per change, when it answers with the new endpoints already', () => {
    const pool = testPool();
    const told: [EndpointsChange, string[]][] = [];
    const unwatch = pool.watch({
      endpointsChanged: (change) => told.push([change, usable(pool) as string[]]),
    });
    const change = pool.setEndpoints(specs('a', 'd'));
    pool.setEndpoints(specs('a', 'd'));
    expect(told).toEqual([[change, ['a', 'd']]]);
    unwatch();
    pool.setEndpoints(specs('a'));
    expect(told).toHaveLength(1);
  });

  it('has another list of endpoints after a change, and the same without one', () => {
    const pool = testPool();
    const { endpoints } = pool;
    pool.setEndpoints(specs('c', 'b', 'a'));
    expect(pool.endpoints).toBe(endpoints);
    pool.setEndpoints(specs('a', 'b'));
    expect(pool.endpoints).not.toBe(endpoints);
  });

  it('makes nothing of what is still heard of an endpoint that has left', async () => {
    const log = new LogBook();
    const clock = new ManualClock();
    const pool = testPool({ log, clock });
    const [a, b] = [endpointOf(pool, 'a'), endpointOf(pool, 'b')];
    pool.reported(b, 'connect-failed');
    pool.setEndpoints(specs('c'));
    log.entries.length = 0;
    pool.reported(a, 'connect-failed');
    await clock.advance(60_000);
    expect(log.entries).toEqual([]);
    expect(usable(pool)).toEqual(['c']);
  });
});

describe('a pool whose settings change', () => {
  it('selects by the new policy', () => {
    const pool = testPool();
    endpointOf(pool, 'a').inFlight = 1;
    endpointOf(pool, 'b').inFlight = 1;
    pool.configure({ selector: new LeastConnections(), healthCheck: undefined, outlierDetection });
    expect([pool.select(STRANGER), pool.select(STRANGER)].map(shortId)).toEqual(['c', 'c']);
  });

  it('judges by the new thresholds what comes from now on', () => {
    const pool = testPool({ outlierDetection: { ...outlierDetection, connectFailures: 3 } });
    const a = endpointOf(pool, 'a');
    pool.reported(a, 'connect-failed');
    pool.configure({ selector: new RoundRobin(0), healthCheck: undefined, outlierDetection });
    expect(a.standing).toBe('serving');
    pool.reported(a, 'connect-failed');
    expect(a.standing).toBe('down');
  });

  it('brings back by time what only a probe could have brought back, once there are no probes', async () => {
    const clock = new ManualClock();
    const pool = testPool({ clock, healthCheck });
    const [a, b] = [endpointOf(pool, 'a'), endpointOf(pool, 'b')];
    pool.reported(a, 'connect-failed');
    for (let probe = 0; probe < 3; probe++) pool.probed(b, 'failed');
    await clock.advance(4_000);
    pool.configure({ selector: new RoundRobin(0), healthCheck: undefined, outlierDetection });
    expect([a.standing, b.standing]).toEqual(['down', 'serving']);
    await clock.advance(5_999);
    expect(a.standing).toBe('down');
    await clock.advance(1);
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });

  it('has one that is leaving keep its sessions, whenever they came, and take no new ones', () => {
    const pool = testPool();
    pool.setEndpoints([testEndpoint('a', 1, { isLeaving: true }), ...specs('b', 'c')]);
    const a = endpointOf(pool, 'a');
    expect([a.standing, a.takesNewSessions, a.staysBeforeMs]).toEqual([
      'draining',
      false,
      Number.POSITIVE_INFINITY,
    ]);
    expect(pool.candidates.map(shortId)).toEqual(['b', 'c']);
    pool.drain(a, 5);
    expect(a.staysBeforeMs).toBe(5);
    pool.drain(a, undefined);
    expect(a.standing).toBe('draining');
    pool.setEndpoints(specs('a', 'b', 'c'));
    expect(a.standing).toBe('serving');
  });

  it('does not take a process for its own successor when something else about it changes', () => {
    const named = (incarnation: string, isLeaving = false) => [
      testEndpoint('a', 1, { incarnation, isLeaving }),
    ];
    const pool = testPool({ endpoints: named('pod 1') });
    pool.setEndpoints(named('pod 1', true));
    expect(endpointOf(pool, 'a')).toMatchObject({ isLeaving: true, isSuccessor: false });
    pool.setEndpoints(named('pod 2', true));
    expect(endpointOf(pool, 'a').isSuccessor).toBe(true);
  });
});
