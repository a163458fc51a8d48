import { ManualClock, settle } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { selectOf } from '../testing/selecting.ts';
import { LeastSessions } from './least-sessions.ts';
import { SessionCounts } from './session-counts.ts';

/** The policy after the store has told how many sessions each endpoint has. */
async function leastSessions(
  endpoints: readonly Endpoint[],
  pinned: readonly number[],
  clock = new ManualClock(),
): Promise<LeastSessions> {
  const counted = new Map(endpoints.map(({ id }, index) => [id, pinned[index] as number]));
  const counts = new SessionCounts({ countByEndpoint: async () => counted }, clock);
  counts.keepFresh();
  await settle();
  const selector = new LeastSessions(counts);
  selector.use(endpoints);
  return selector;
}

const endpointsOf = (...weights: readonly number[]) =>
  weights.map((weight, index) => testEndpoint(`e${index}`, weight));

describe('the least-sessions policy', () => {
  it('names the endpoint with the fewest pinned sessions, whatever is under way', async () => {
    const endpoints = endpointsOf(1, 1, 1);
    Object.assign(endpoints[1] as Endpoint, { inFlight: 99 });
    const selector = await leastSessions(endpoints, [30, 10, 20]);
    expect(shortId(selectOf(selector))).toBe('e1');
  });

  it('counts sessions in proportion to weight', async () => {
    const selector = await leastSessions(endpointsOf(10, 1), [50, 10]);
    expect(shortId(selectOf(selector))).toBe('e0');
  });

  it('counts what it places itself: a burst fills an endpoint up to the others and goes on evenly', async () => {
    const endpoints = endpointsOf(1, 1, 1);
    const selector = await leastSessions(endpoints, [100, 100, 0]);
    const chosen = Array.from({ length: 130 }, () => shortId(selectOf(selector)));
    const countOf = (id: string) => chosen.filter((each) => each === id).length;
    expect([countOf('e0'), countOf('e1'), countOf('e2')]).toEqual([10, 10, 110]);
  });

  it('fills an endpoint that warms up only as far as its share has grown', async () => {
    const endpoints = endpointsOf(1, 1);
    Object.assign(endpoints[1] as Endpoint, { share: 0.05 });
    const selector = await leastSessions(endpoints, [1_000, 0]);
    const chosen = Array.from({ length: 1_000 }, () => shortId(selectOf(selector)));
    expect(chosen.filter((id) => id === 'e1').length).toBeLessThan(100);
  });

  it('brings every endpoint to its share of the sessions, where there are enough new ones', async () => {
    const pools = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5 }), had: fc.nat({ max: 20 }) }), {
      minLength: 2,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(pools, async (pool) => {
        const endpoints = endpointsOf(...pool.map(({ weight }) => weight));
        const sessions = pool.map(({ had }) => had);
        const selector = await leastSessions(endpoints, sessions);
        for (let count = 0; count < 800; count++)
          (sessions[endpoints.indexOf(selectOf(selector) as Endpoint)] as number)++;
        const perShare = pool.map(({ weight }, index) => (sessions[index] as number) / weight);
        expect(Math.max(...perShare) - Math.min(...perShare)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });
});
