import { endpointId } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../pool/pool.ts';
import { shop, shortId } from '../testing/endpoints.ts';
import { testPool } from '../testing/test-pool.ts';
import type { EndpointNews } from './messages.ts';
import { SharedStandings } from './shared-standings.ts';

const usable = (pool: Pool) => pool.usable.map(shortId);
const takeDown = (pool: Pool, id: string) =>
  pool.reported(pool.find(endpointId(shop, id))!, 'connect-failed');

/** Two workers with the same pool; what one tells, the other hears when the test says so. */
function twoWorkers() {
  const told: EndpointNews[] = [];
  const mine = new SharedStandings((news) => told.push(news));
  const theirs = new SharedStandings(() => expect.fail('what was heard was told again'));
  const pools = [testPool(), testPool()] as const;
  mine.follow(pools[0]);
  return { mine, theirs, pools, told };
}

describe('the standings of endpoints', () => {
  it('are what any worker has found out, and news is not told again by who hears it', () => {
    const { theirs, pools, told } = twoWorkers();
    theirs.follow(pools[1]);
    takeDown(pools[0], 'b');
    for (const news of told) theirs.heard(news);
    expect(usable(pools[1])).toEqual(['a', 'c']);
  });

  it('tell which process serves at an endpoint, which only one worker has asked', () => {
    const { theirs, pools, told } = twoWorkers();
    const [asking, hearing] = pools.map((pool) => pool.find(endpointId(shop, 'b')));
    pools[0].identified(asking!, 'first');
    pools[0].identified(asking!, 'second');
    for (const news of told) theirs.heard(news);
    theirs.follow(pools[1]);
    expect(hearing?.pinId).toBe(asking?.pinId);
    expect(hearing?.pinId).not.toBe(hearing?.id);
  });

  it('are known to a pool that comes later', () => {
    const { theirs, pools, told } = twoWorkers();
    takeDown(pools[0], 'b');
    for (const news of told) theirs.heard(news);
    expect(usable(pools[1])).toEqual(['a', 'b', 'c']);
    theirs.follow(pools[1]);
    expect(usable(pools[1])).toEqual(['a', 'c']);
  });

  it('are forgotten with the endpoint: one of the same id and address has a fresh start', () => {
    const { mine, pools, told } = twoWorkers();
    const [pool] = pools;
    const specs = pool.endpoints;
    takeDown(pool, 'b');
    pool.setEndpoints(specs.filter(({ id }) => id !== 'shop/b'));
    expect(told.at(-1)).not.toHaveProperty('verdict');
    pool.setEndpoints(specs);
    expect(usable(pool)).toEqual(['a', 'b', 'c']);
    takeDown(pool, 'b');
    mine.forget(pool);
    const next = testPool();
    mine.follow(next);
    expect(usable(next)).toEqual(['a', 'b', 'c']);
  });

  it('say nothing of another endpoint that has the id by now', () => {
    const { theirs, pools, told } = twoWorkers();
    theirs.follow(pools[1]);
    takeDown(pools[0], 'b');
    for (const news of told) theirs.heard({ ...news, origin: 'http://10.9.9.9' });
    expect(usable(pools[1])).toEqual(['a', 'b', 'c']);
  });
});
