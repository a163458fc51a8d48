import { describe, expect, it } from 'vitest';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';
import { Visitor } from '../support/visitor.ts';
import { inParallel } from '../support/workers.ts';

const SESSIONS = 1_000;
const REQUESTS_PER_SESSION = 100;
const CONCURRENCY = 96;

describe('session affinity over three nodes and four endpoints', () => {
  const stage = useStage();

  it('keeps each of 1,000 sessions on its endpoint through 100,000 requests to any node, with one cookie each', async () => {
    const redis = await stage().startRedis();
    await stage().startEndpoints(4);
    // With the patience that nodes have by default, and on a machine with more to do than it can.
    const store = { commandTimeout: '50ms' };
    await stage().startNodes(3, { storeUrl: redis.url, store, top: { log: { access: false } } });
    const clients = stage().clients();
    const random = testRandom('stickiness');
    const visitors = Array.from({ length: SESSIONS }, (_, index) => new Visitor(`visitor ${index}`));

    // One request of a session at a time, so that each brings the cookie; the sessions go on side by side.
    await inParallel(visitors, CONCURRENCY, async (visitor) => {
      for (let count = 0; count < REQUESTS_PER_SESSION; count++) await visitor.visit(pick(random, clients));
    });

    const visits = visitors.flatMap((visitor) => visitor.visits);
    expect(visits).toHaveLength(SESSIONS * REQUESTS_PER_SESSION);
    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    const wanderers = visitors.filter(({ path }) => path.length !== 1);
    expect(wanderers.map(({ name, path }) => ({ name, path }))).toEqual([]);
    expect(visitors.filter(({ cookiesSet }) => cookiesSet !== 1).map(({ name }) => name)).toEqual([]);

    // A test of sessions that all stayed says little unless they were spread.
    const homes = Map.groupBy(visitors, ({ path }) => path[0]);
    expect([...homes.keys()].sort()).toEqual(['shop-1', 'shop-2', 'shop-3', 'shop-4']);
    for (const visitorsOfEndpoint of homes.values())
      expect(visitorsOfEndpoint.length).toBeGreaterThan(SESSIONS / 8);
  });
});
