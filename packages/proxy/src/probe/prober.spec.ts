import type { Random } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { RoundRobin } from '../balance/round-robin.ts';
import type { ProbeReport, ProbeResult } from '../health/health-check.ts';
import { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { TestEndpoint } from '../testing/test-endpoint.ts';
import { healthCheck, outlierDetection, testPool } from '../testing/test-pool.ts';
import { Prober } from './prober.ts';

/** An endpoint of the pool `shop` at that address. */
const endpointAt = (id: string, origin: string): Endpoint => new Endpoint({ ...testEndpoint(id), origin });

/** Randomness that names these numbers in turn. */
function units(...numbers: readonly number[]): Random {
  let drawn = 0;
  return { unit: () => numbers[drawn++ % numbers.length] as number, bytes: (length) => Buffer.alloc(length) };
}

/** A prober whose probes the test answers. */
function setUp(pool: Partial<ConstructorParameters<typeof Pool>[0]> = {}, random = units(0)) {
  const clock = new ManualClock();
  const probed = testPool({ clock, healthCheck, endpoints: [testEndpoint('a')], ...pool });
  const asked: {
    readonly atMs: number;
    readonly origin: string;
    answer(result: ProbeResult, incarnation?: string): Promise<void>;
  }[] = [];
  const probe = (origin: string) =>
    new Promise<ProbeReport>((resolve) => {
      const answer = (result: ProbeResult, incarnation?: string) => {
        resolve({ result, incarnation });
        return settle();
      };
      asked.push({ atMs: clock.elapsed(), origin, answer });
    });
  const prober = new Prober(probed, probe, clock, random);
  return { clock, pool: probed, asked, prober };
}

describe('a prober', () => {
  it('asks each endpoint at a moment of its own in the first interval', async () => {
    const endpoints = ['a', 'b', 'c'].map((id) => testEndpoint(id));
    const { clock, asked, prober } = setUp({ endpoints }, units(0.5, 0, 0.99));
    prober.start();
    await clock.advance(healthCheck.interval);
    expect(asked.map(({ origin, atMs }) => [origin, atMs])).toEqual([
      ['http://b.internal:8080', 0],
      ['http://a.internal:8080', 1_000],
      ['http://c.internal:8080', 1_980],
    ]);
  });

  it('asks again an interval after the start of a probe, however long the answer took', async () => {
    const { clock, asked, prober } = setUp();
    prober.start();
    await clock.advance(0);
    await clock.advance(700);
    await asked[0]?.answer('passed');
    await clock.advance(1_299);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(asked[1]?.atMs).toBe(2_000);
  });

  it('waits for an answer before it asks again, so that a slow endpoint is not buried under probes', async () => {
    const { clock, asked, prober } = setUp();
    prober.start();
    await clock.advance(60_000);
    expect(asked).toHaveLength(1);
    await asked[0]?.answer('failed');
    await clock.advance(0);
    expect(asked).toHaveLength(2);
  });

  it('tells the pool how each probe ended', async () => {
    const { clock, pool, asked, prober } = setUp();
    prober.start();
    await clock.advance(0);
    for (let probe = 0; probe < 3; probe++) {
      expect(pool.usable.map(shortId)).toEqual(['a']);
      await asked[probe]?.answer('failed');
      await clock.advance(2_000);
    }
    expect(pool.usable).toEqual([]);
  });

  it('tells the pool which process has answered, before it tells that it passed', async () => {
    const { clock, pool, asked, prober } = setUp();
    const told: (string | undefined)[] = [];
    pool.watch({ endpointsChanged() {}, standingChanged: ({ incarnation }) => told.push(incarnation) });
    prober.start();
    await clock.advance(0);
    await asked[0]?.answer('passed', 'first');
    await clock.advance(2_000);
    await asked[1]?.answer('passed', 'first');
    await clock.advance(2_000);
    await asked[2]?.answer('passed', 'second');
    expect(told).toEqual(['first', 'second']);
  });

  it('leaves no timer once it is stopped, and does not listen to a probe that ends later', async () => {
    const { clock, pool, asked, prober } = setUp({ healthCheck: { ...healthCheck, unhealthyAfter: 1 } });
    prober.start();
    await clock.advance(0);
    prober.stop();
    await asked[0]?.answer('failed');
    expect(clock.pendingTimers).toBe(0);
    expect(pool.usable.map(shortId)).toEqual(['a']);
  });

  it('leaves no timer where it is stopped before its first probe', () => {
    const { clock, prober } = setUp({}, units(0.5));
    prober.start();
    expect(clock.pendingTimers).toBe(1);
    prober.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks nobody in a pool without health check', async () => {
    const { clock, asked, prober } = setUp({ healthCheck: undefined });
    prober.start();
    await clock.advance(60_000);
    expect(asked).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a prober that is asked out of turn', () => {
  it('probes as the health check says, and tells the pool, though it does not run', async () => {
    const { pool, asked, prober } = setUp({ healthCheck: { ...healthCheck, unhealthyAfter: 1 } });
    const answer = prober.ask(pool.endpoints[0] as Endpoint);
    await asked[0]?.answer('failed');
    expect(await answer).toBe('failed');
    expect(pool.usable).toEqual([]);
  });

  it('does not disturb its rounds', async () => {
    const { clock, pool, asked, prober } = setUp();
    prober.start();
    await clock.advance(0);
    await asked[0]?.answer('passed');
    void prober.ask(pool.endpoints[0] as Endpoint);
    await asked[1]?.answer('passed');
    await clock.advance(2_000);
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 0, 2_000]);
  });

  it('connects where there is no health check, and holds it against an endpoint that refuses', async () => {
    const listening = await TestEndpoint.open();
    const gone = await TestEndpoint.open();
    const endpoints = [listening, gone].map(({ origin }, index) => endpointAt(`e${index}`, origin));
    await gone.close();
    const { pool, prober } = setUp({ healthCheck: undefined, endpoints });
    const results = await Promise.all(endpoints.map((endpoint) => prober.ask(endpoint)));
    await listening.close();
    expect(results).toEqual(['passed', 'failed']);
    expect(pool.usable.map(shortId)).toEqual(['e0']);
  });

  it('cannot find out anything of datagrams without a health check, and holds nothing against them', async () => {
    const endpoint = endpointAt('e0', 'udp://127.0.0.1:9');
    const { prober } = setUp({ healthCheck: undefined, endpoints: [endpoint] });
    expect(await prober.ask(endpoint)).toBe('passed');
  });
});

describe('a prober of a pool that changes', () => {
  it('asks an endpoint that came, in its first interval, and none that left', async () => {
    const { clock, pool, asked, prober } = setUp({}, units(0, 0.5));
    prober.start();
    await clock.advance(0);
    pool.setEndpoints([testEndpoint('b')]);
    await asked[0]?.answer('failed');
    await clock.advance(1_000);
    expect(asked.slice(1).map(({ origin, atMs }) => [origin, atMs])).toEqual([
      ['http://b.internal:8080', 1_000],
    ]);
    await clock.advance(10_000);
    expect(asked.filter(({ origin }) => origin.includes('//a.'))).toHaveLength(1);
  });

  it('asks nobody of those that came while it is stopped', async () => {
    const { clock, pool, asked, prober } = setUp();
    prober.start();
    prober.stop();
    pool.setEndpoints([testEndpoint('b')]);
    await clock.advance(10_000);
    expect(asked).toEqual([]);
  });

  it('may be started again', async () => {
    const { clock, asked, prober } = setUp();
    prober.start();
    prober.stop();
    prober.start();
    await clock.advance(0);
    expect(asked).toHaveLength(1);
  });

  it('goes by another health check and another probe at once, and does not listen to a probe of the old kind', async () => {
    const { clock, pool, asked, prober } = setUp();
    const paths: string[] = [];
    prober.start();
    await clock.advance(0);
    const slow = { ...healthCheck, interval: 500, path: '/new', unhealthyAfter: 1 };
    pool.configure({ selector: new RoundRobin(0), healthCheck: slow, outlierDetection });
    prober.replace(async (_, { path }) => {
      paths.push(path);
      return { result: 'passed' };
    });
    await asked[0]?.answer('failed');
    await clock.advance(600);
    expect(paths).toEqual(['/new', '/new']);
    expect(pool.usable.map(shortId)).toEqual(['a']);
  });
});
