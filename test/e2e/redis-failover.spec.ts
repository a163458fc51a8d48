import { type RedisCluster, startRedisCluster } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

describe('when a primary of a Redis Cluster is lost', () => {
  const stage = useStage();
  let redis: RedisCluster;
  beforeAll(async () => {
    redis = await startRedisCluster();
  });
  afterAll(() => redis.stop());

  it('fails no request and moves no session, and the map is whole again at the replica', async () => {
    await stage().startEndpoints(3);
    const store = { commandTimeout: '50ms' };
    const nodes = await stage().startNodes(2, {
      storeUrl: redis.url,
      store,
      top: { log: { access: false } },
    });
    const clients = stage().clients();
    const visitors = await welcome(60, clients);
    await visitAll(visitors, clients);
    const homes = pathsOf(visitors);
    const random = testRandom('a primary is lost');
    const load = inBackground(4, () => pick(random, visitors).visit(pick(random, clients)));

    const [lost] = redis.primaries;
    await lost?.kill();
    const newcomers = await welcome(30, clients.slice(0, 1));
    await visitAll(newcomers, clients);
    await until('every session is in the map again', async () => {
      await visitAll([...visitors, ...newcomers], clients);
      const total = await nodes[0]?.pinnedTotal().catch(() => 0);
      return total === visitors.length + newcomers.length;
    });
    await load.stop();

    const failed = [...visitors, ...newcomers].flatMap(({ visits }) =>
      visits.filter(({ status }) => status !== 200),
    );
    expect(failed.map(({ response }) => response)).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(newcomers.filter(({ path }) => path.length !== 1)).toEqual([]);
  });
});
