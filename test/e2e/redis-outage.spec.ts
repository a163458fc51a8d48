import type { RedisProcess } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';
import { type BackgroundWork, inBackground } from '../support/workers.ts';

const OUTAGE_TURNS = 1_500;

describe('when Redis is gone for a while', () => {
  const stage = useStage();

  interface Scene {
    readonly redis: RedisProcess;
    readonly nodes: readonly HoldfastNode[];
    readonly clients: readonly HttpClient[];
    readonly visitors: readonly Visitor[];
    readonly homes: ReturnType<typeof pathsOf>;
    readonly load: BackgroundWork;
  }

  /** Sessions under load, each of which every node has seen. */
  async function arrange(title: string, count = 3): Promise<Scene> {
    const redis = await stage().startRedis();
    await stage().startEndpoints(4);
    const store = { commandTimeout: '50ms' };
    const nodes = await stage().startNodes(count, {
      storeUrl: redis.url,
      store,
      top: { log: { access: false } },
    });
    const clients = stage().clients();
    const visitors = await welcome(100, clients);
    await visitAll(visitors, clients);
    const random = testRandom(title);
    const load = inBackground(8, () => pick(random, visitors).visit(pick(random, clients)));
    return { redis, nodes, clients, visitors, homes: pathsOf(visitors), load };
  }

  const untilStoreIs = (nodes: readonly HoldfastNode[], state: string): Promise<unknown> =>
    Promise.all(
      nodes.map((node) =>
        until(
          `the store of ${node.name} is ${state}`,
          async () => (await node.status()).store.state === state,
        ),
      ),
    );

  async function untilMoreTurns({ load }: Scene): Promise<void> {
    const turnsBefore = load.turns;
    await until('the load goes on', () => load.turns > turnsBefore + OUTAGE_TURNS, 30_000);
  }

  function expectNothingHappened({ visitors, homes }: Scene): void {
    const failed = visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200));
    expect(failed.map(({ response }) => response)).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
  }

  it('fails no request and moves no session when it is killed and comes back empty, and repairs the map from cookies', async () => {
    const scene = await arrange('redis killed');
    const { redis, nodes, clients, visitors, load } = scene;

    await redis.kill();
    await untilMoreTurns(scene);
    const newcomers = await welcome(24, clients.slice(0, 1));
    await visitAll(newcomers, clients);
    await redis.restart();
    await untilStoreIs(nodes, 'available');
    await untilMoreTurns(scene);
    await load.stop();
    await visitAll(visitors, clients);
    await visitAll(newcomers, clients);

    expectNothingHappened(scene);
    // Those who came while there was no map were at one place for all nodes, and still are.
    expect(
      newcomers.filter(({ path }) => path.length !== 1).map(({ name, path }) => ({ name, path })),
    ).toEqual([]);
    expect(await nodes[0]?.pinnedTotal()).toBe(visitors.length + newcomers.length);
  });

  it('fails no request and moves no session while it is frozen', async () => {
    const scene = await arrange('redis frozen');
    const { redis, nodes, load } = scene;

    redis.pause();
    await untilStoreIs(nodes, 'unavailable');
    await untilMoreTurns(scene);
    redis.resume();
    await untilStoreIs(nodes, 'available');
    await untilMoreTurns(scene);
    await load.stop();

    expectNothingHappened(scene);
    expect(await nodes[0]?.pinnedTotal()).toBe(scene.visitors.length);
  });

  it('moves each session of an endpoint that dies meanwhile to one place, and leaves it there afterwards', async () => {
    // Of three nodes, each would wait ten seconds for the others before it goes by what it alone has found out.
    const scene = await arrange('redis killed, then an endpoint', 2);
    const { redis, nodes, clients, visitors, load } = scene;
    await load.stop();
    const orphans = visitors.filter(({ path }) => path[0] === 'shop-1');

    await redis.kill();
    await visitAll(visitors, clients);
    await stage().endpoints[0]?.kill();
    // Until each node has tried and knows; which request finds out is a matter of chance.
    await Promise.all(
      clients.map((client, index) =>
        until('the node knows that the endpoint is down', async () => {
          await client.send();
          return (await nodes[index]?.standingOf('shop-1')) === 'down';
        }),
      ),
    );
    // Each node decides for itself, at the same time and in an order of its own, and all must come to the same.
    await Promise.all(
      clients.flatMap((client, index) =>
        [...orphans.slice(index), ...orphans.slice(0, index)].map((orphan) => orphan.visit(client)),
      ),
    );
    await redis.restart();
    await untilStoreIs(nodes, 'available');
    await visitAll(orphans, clients);
    await visitAll(orphans, clients);

    expect(orphans.length).toBeGreaterThan(10);
    for (const { name, path, visits } of orphans) {
      expect(path, name).toHaveLength(2);
      expect(visits.every(({ status }) => status === 200)).toBe(true);
      expect(visits.find(({ servedBy }) => servedBy === path[1])?.moved).toMatch(
        /^from=shop\/shop-1; reason=/,
      );
    }
  });
});
