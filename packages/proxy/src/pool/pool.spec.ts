import { endpointId, poolName } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Selector, STRANGER } from '../balance/selector.ts';
import { shop, shortId, testEndpoint } from '../testing/endpoints.ts';
import { LogBook } from '../testing/log-book.ts';
import { healthCheck, outlierDetection, testPool } from '../testing/test-pool.ts';
import type { Endpoint } from './endpoint.ts';
import type { Pool } from './pool.ts';

const endpointOf = (pool: Pool, id: string): Endpoint => pool.find(endpointId(shop, id)) as Endpoint;
const usable = (pool: Pool) => pool.usable.map(shortId);
const takeDown = (pool: Pool, ...ids: string[]) => {
  for (const id of ids) pool.reported(endpointOf(pool, id), 'connect-failed');
};

/** A selector that notes every list of candidates that it is given. */
class CandidateBook implements Selector {
  readonly lists: (string | undefined)[][] = [];

  use(candidates: readonly Endpoint[]): void {
    this.lists.push(candidates.map(shortId));
  }

  select(): undefined {
    return undefined;
  }
}

describe('the endpoints of a pool', () => {
  it('are found by their id, and by no other of the cluster', () => {
    const pool = testPool();
    expect(shortId(pool.find(endpointId(shop, 'b')))).toBe('b');
    expect(pool.find(endpointId(poolName('api'), 'b'))).toBeUndefined();
  });

  it('are usable in the order of their ids, in whatever order the configuration names them', () => {
    const endpoints = ['c', 'a', 'b'].map((id) => testEndpoint(id));
    expect(usable(testPool({ endpoints }))).toEqual(['a', 'b', 'c']);
  });

  it('are usable while they are not down', () => {
    const pool = testPool();
    takeDown(pool, 'b');
    expect(usable(pool)).toEqual(['a', 'c']);
  });

  it('are usable while they drain or have weight 0: they keep the sessions that they have', () => {
    const draining = Object.assign(testEndpoint('a'), { drainingSinceMs: 1 });
    expect(usable(testPool({ endpoints: [draining, testEndpoint('b', 0)] }))).toEqual(['a', 'b']);
  });
});

describe('the candidates for new sessions', () => {
  it('are given to the balance policy when a standing changes, and not for a request', () => {
    const selector = new CandidateBook();
    const pool = testPool({ selector });
    pool.select(STRANGER);
    pool.reported(endpointOf(pool, 'a'), 'answered');
    pool.reported(endpointOf(pool, 'a'), 'request-failed');
    expect(selector.lists).toEqual([['a', 'b', 'c']]);
    takeDown(pool, 'a');
    expect(selector.lists).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('leave out endpoints that drain or have weight 0', () => {
    const selector = new CandidateBook();
    const draining = Object.assign(testEndpoint('b'), { drainingSinceMs: 1 });
    const pool = testPool({ selector, endpoints: [testEndpoint('a'), draining, testEndpoint('c', 0)] });
    expect(selector.lists).toEqual([['a']]);
    expect(pool.candidates.map(shortId)).toEqual(['a']);
  });

  it('are those that drain or have weight 0 when all others are down: that beats a 503', () => {
    const draining = Object.assign(testEndpoint('b'), { drainingSinceMs: 1 });
    const pool = testPool({ endpoints: [testEndpoint('a'), draining] });
    takeDown(pool, 'a');
    expect(pool.candidates.map(shortId)).toEqual(['b']);
    expect(shortId(pool.select(STRANGER))).toBe('b');
  });

  it('are none when all are down', () => {
    const pool = testPool();
    takeDown(pool, 'a', 'b', 'c');
    expect(pool.usable).toEqual([]);
    expect(pool.select(STRANGER)).toBeUndefined();
  });
});

describe('backup endpoints', () => {
  const withBackup = (...primaries: Endpoint[]) => testPool({ endpoints: [...primaries, backup()] });
  const backup = () => testEndpoint('z', 1, { isBackup: true });

  it('get no new session while another endpoint takes some, and keep those that they have', () => {
    const pool = withBackup(testEndpoint('a'), testEndpoint('b'));
    takeDown(pool, 'a');
    const chosen = Array.from({ length: 20 }, () => shortId(pool.select(STRANGER)));
    expect(new Set(chosen)).toEqual(new Set(['b']));
    expect(usable(pool)).toEqual(['b', 'z']);
  });

  it('get all while no other takes any, and none again as soon as one is back', async () => {
    const pool = testPool({ endpoints: [testEndpoint('a'), backup()], healthCheck });
    takeDown(pool, 'a');
    expect(shortId(pool.select(STRANGER))).toBe('z');
    for (let probe = 0; probe < 2; probe++) pool.probed(endpointOf(pool, 'a'), 'passed');
    expect(shortId(pool.select(STRANGER))).toBe('a');
  });

  it('come before those that drain or have weight 0', () => {
    const draining = Object.assign(testEndpoint('a'), { drainingSinceMs: 1 });
    expect(withBackup(draining, testEndpoint('b', 0)).candidates.map(shortId)).toEqual(['z']);
  });

  it('are never chosen while another endpoint serves, whatever happens', () => {
    const event = fc.tuple(fc.constantFrom('a', 'b', 'z'), fc.constantFrom('failed', 'passed'));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const pool = testPool({ endpoints: [testEndpoint('a'), testEndpoint('b'), backup()], healthCheck });
        for (const [id, result] of events) {
          pool.probed(endpointOf(pool, id), result as 'failed' | 'passed');
          const chosen = pool.select(STRANGER);
          const isServed = ['a', 'b'].some((primary) => endpointOf(pool, primary).standing === 'serving');
          if (isServed) expect(shortId(chosen)).not.toBe('z');
          expect(chosen === undefined).toBe(pool.usable.length === 0);
        }
      }),
    );
  });
});

describe('an endpoint that has all the requests that it may have', () => {
  const limited = (id: string, inFlight: number) =>
    Object.assign(testEndpoint(id, 1, { connectionsMax: 2 }), { inFlight });

  it('gets no new session while another has room', () => {
    const pool = testPool({ endpoints: [limited('a', 2), limited('b', 1), limited('c', 5)] });
    for (let turn = 0; turn < 6; turn++) expect(shortId(pool.select(STRANGER))).toBe('b');
  });

  it('gets some again where all others have as many: somebody must wait', () => {
    const pool = testPool({ endpoints: [limited('a', 2), limited('b', 2)] });
    const turns = Array.from({ length: 4 }, () => shortId(pool.select(STRANGER)));
    expect(turns).toEqual(['a', 'b', 'a', 'b']);
  });

  it('is waited for rather than one that has just failed', () => {
    const pool = testPool({ endpoints: [limited('a', 2), limited('b', 0)] });
    expect(shortId(pool.select(STRANGER, endpointOf(pool, 'b')))).toBe('a');
  });
});

describe('a selection that excludes an endpoint', () => {
  it('never names it while there is another', () => {
    const pool = testPool();
    for (let turn = 0; turn < 9; turn++) {
      expect(shortId(pool.select(STRANGER, endpointOf(pool, 'b')))).not.toBe('b');
    }
  });

  it('names it when there is no other', () => {
    const pool = testPool();
    takeDown(pool, 'a', 'c');
    expect(shortId(pool.select(STRANGER, endpointOf(pool, 'b')))).toBe('b');
  });

  it('names nobody when all are down', () => {
    const pool = testPool();
    takeDown(pool, 'a', 'b', 'c');
    expect(pool.select(STRANGER, endpointOf(pool, 'b'))).toBeUndefined();
  });
});

describe('an ejection without health checks', () => {
  it('ends by time, and one more failure ejects again', async () => {
    const clock = new ManualClock();
    const pool = testPool({ clock, outlierDetection: { ...outlierDetection, connectFailures: 3 } });
    const a = endpointOf(pool, 'a');
    takeDown(pool, 'a', 'a', 'a');
    await clock.advance(9_999);
    expect(a.standing).toBe('down');
    await clock.advance(1);
    expect(a.standing).toBe('serving');
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
    takeDown(pool, 'a');
    expect(a.standing).toBe('down');
    expect(usable(pool)).toEqual(['b', 'c']);
  });

  it('is forgotten with the first answer after it', async () => {
    const clock = new ManualClock();
    const pool = testPool({ clock, outlierDetection: { ...outlierDetection, connectFailures: 2 } });
    const a = endpointOf(pool, 'a');
    takeDown(pool, 'a', 'a');
    await clock.advance(10_000);
    pool.reported(a, 'answered');
    takeDown(pool, 'a');
    expect(a.standing).toBe('serving');
  });

  it('sets one timer, however many requests fail meanwhile', () => {
    const clock = new ManualClock();
    const pool = testPool({ clock });
    takeDown(pool, 'a', 'a', 'a');
    expect(clock.pendingTimers).toBe(1);
  });
});

describe('an ejection with health checks', () => {
  it('ends when as many probes have passed as are configured, not by time', async () => {
    const clock = new ManualClock();
    const pool = testPool({ clock, healthCheck });
    const a = endpointOf(pool, 'a');
    takeDown(pool, 'a');
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(3_600_000);
    pool.probed(a, 'passed');
    expect(a.standing).toBe('down');
    pool.probed(a, 'passed');
    expect(a.standing).toBe('serving');
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });

  it('leaves nothing behind: the endpoint is trusted as before', () => {
    const pool = testPool({ healthCheck, outlierDetection: { ...outlierDetection, connectFailures: 2 } });
    const a = endpointOf(pool, 'a');
    takeDown(pool, 'a', 'a');
    pool.probed(a, 'passed');
    pool.probed(a, 'passed');
    takeDown(pool, 'a');
    expect(a.standing).toBe('serving');
  });
});

describe('active checks', () => {
  it('take an endpoint down and bring it back', () => {
    const pool = testPool({ healthCheck });
    const a = endpointOf(pool, 'a');
    for (const result of ['failed', 'failed', 'failed'] as const) pool.probed(a, result);
    expect(usable(pool)).toEqual(['b', 'c']);
    for (const result of ['passed', 'passed'] as const) pool.probed(a, result);
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });

  it('do not make up for failed requests, unless they bring an endpoint back: both are counted apart', () => {
    const pool = testPool({ healthCheck });
    const a = endpointOf(pool, 'a');
    for (const probe of ['passed', 'failed', 'passed'] as const) {
      expect(a.standing).toBe('serving');
      pool.reported(a, 'request-failed');
      pool.probed(a, probe);
    }
    expect(a.standing).toBe('down');
  });

  it('say nothing in a pool that has none', () => {
    const pool = testPool();
    for (let probe = 0; probe < 10; probe++) pool.probed(endpointOf(pool, 'a'), 'failed');
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
  });
});

describe('the log of a pool', () => {
  it('tells once that an endpoint is down, by what, and once that it is back', () => {
    const log = new LogBook();
    const pool = testPool({ log, healthCheck });
    const a = endpointOf(pool, 'a');
    for (let probe = 0; probe < 5; probe++) pool.probed(a, 'failed');
    for (let probe = 0; probe < 5; probe++) pool.probed(a, 'passed');
    expect(log.entries).toEqual([
      {
        level: 'warn',
        message: 'endpoint is down',
        fields: {
          pool: 'shop',
          endpoint: 'shop/a',
          from: 'serving',
          to: 'down',
          cause: 'health check failed',
        },
      },
      {
        level: 'info',
        message: 'endpoint is back',
        fields: {
          pool: 'shop',
          endpoint: 'shop/a',
          from: 'down',
          to: 'serving',
          cause: 'health check passed',
        },
      },
    ]);
  });

  it('does not repeat itself for each request that fails at an endpoint that is down', () => {
    const log = new LogBook();
    const pool = testPool({ log, healthCheck });
    takeDown(pool, 'a', 'a', 'a');
    expect(log.entries.map(({ fields }) => fields.cause)).toEqual(['connect-failed']);
  });
});
