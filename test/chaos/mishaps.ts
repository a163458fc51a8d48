import { setTimeout as pause } from 'node:timers/promises';
import type { FaultyLink } from '@holdfast/store/testing';
import { request } from 'undici';
import { pick } from '../support/seed.ts';
import { until } from '../support/until.ts';
import { instantMs } from './timeline.ts';
import type { World } from './world.ts';

/** Something that goes wrong, and is all right again when it settles. */
export interface Mishap {
  readonly name: string;
  /** Two of one kind never happen at the same time. */
  readonly kind: 'endpoint' | 'node' | 'store';
  happen(world: World): Promise<void>;
}

const LASTS_MS_MIN = 200;
const LASTS_MS_MAX = 1_200;

const aWhile = ({ random }: World): Promise<void> =>
  pause(LASTS_MS_MIN + random.unit() * (LASTS_MS_MAX - LASTS_MS_MIN));

/** Away by what `begin` does to the store of all nodes, for a while. */
const outage = (
  name: string,
  begin: (world: World) => unknown,
  end: (world: World) => unknown = () => {},
): Mishap => ({
  name,
  kind: 'store',
  async happen(world) {
    world.note({ kind: 'store-away' });
    await begin(world);
    await aWhile(world);
    await end(world);
    await world.untilStoreIsThere();
    world.note({ kind: 'store-back' });
  },
});

/** No way, or a bad one, from all nodes to one endpoint, in a world with links to them. */
const unreachable = (
  name: string,
  begin: (link: FaultyLink) => unknown,
  end: (link: FaultyLink) => unknown = () => {},
): Mishap => ({
  name,
  kind: 'endpoint',
  async happen(world) {
    const index = Math.floor(world.random.unit() * world.endpointLinks.length);
    const [link, endpoint] = [world.endpointLinks[index], world.endpoints[index]?.id];
    if (link === undefined || endpoint === undefined) return;
    world.note({ kind: 'endpoint-down', endpoint });
    await begin(link);
    await aWhile(world);
    await end(link);
    world.note({ kind: 'endpoint-up', endpoint });
  },
});

const forOneNode = (world: World, fault: (link: FaultyLink) => unknown): void =>
  void fault(pick(world.random, world.links));

export const MISHAPS: readonly Mishap[] = [
  {
    name: 'an endpoint dies',
    kind: 'endpoint',
    async happen(world) {
      const victim = pick(world.random, world.endpoints);
      await world.kill(victim);
      await aWhile(world);
      await world.revive(victim);
    },
  },
  unreachable(
    'an endpoint is cut off',
    (link) => link.cut(),
    (link) => link.mend(),
  ),
  unreachable('the connections to an endpoint are reset', (link) => link.reset()),
  unreachable(
    'an endpoint is far and slow',
    (link) => link.shape({ delayMs: 40, bytesPerSecond: 100_000 }),
    (link) => link.shape({}),
  ),
  {
    name: 'an endpoint drains',
    kind: 'endpoint',
    async happen(world) {
      const { id } = pick(world.random, world.endpoints);
      const path = `${world.nodes[0]!.adminOrigin}/endpoints/shop/${id}/drain`;
      const tell = async (method: 'PUT' | 'DELETE'): Promise<boolean> => {
        const { statusCode, body } = await request(path, { method });
        await body.dump();
        return statusCode === 200;
      };
      // It may be in force long before the answer has come.
      world.note({ kind: 'drain', endpoint: id });
      await tell('PUT');
      await aWhile(world);
      await until('the drain is over', () => tell('DELETE'));
      world.note({ kind: 'undrain', endpoint: id });
    },
  },
  {
    name: 'a node restarts',
    kind: 'node',
    async happen(world) {
      // The first one is asked what an operator asks.
      const node = pick(world.random, world.nodes.slice(1));
      await node.end('SIGTERM');
      world.note({ kind: 'node-ended', node: node.name });
      await node.start();
      world.note({ kind: 'node-started', node: node.name });
    },
  },
  outage(
    'Redis freezes',
    ({ redis }) => redis.pause(),
    ({ redis }) => redis.resume(),
  ),
  outage(
    'the way of each node to Redis is silent',
    ({ links }) => links.map((link) => link.pause()),
    ({ links }) => links.map((link) => link.resume()),
  ),
  outage(
    'Redis is 100 ms away in each direction',
    ({ links }) => links.map((link) => link.shape({ delayMs: 100 })),
    ({ links }) => links.map((link) => link.shape({})),
  ),
  outage('the connections of a node to Redis are reset', (world) =>
    forOneNode(world, (link) => link.reset()),
  ),
  outage('the connections of a node to Redis go nowhere', (world) =>
    forOneNode(world, (link) => link.stall()),
  ),
  outage(
    'Redis dies, and comes back empty',
    (world) => {
      world.note({ kind: 'store-lost', sinceMs: 0 });
      return world.redis.kill();
    },
    ({ redis }) => redis.restart(),
  ),
  outage('the news stops', async (world) => {
    const ports = await world.newsPorts();
    for (const link of world.links) link.stall((farPort) => ports.has(farPort));
  }),
];

/** Mishaps one after the other until the time is over, those of different kinds at the same time. */
export async function goWrong(world: World, lastsMs: number, tell: (name: string) => void): Promise<void> {
  const endsAtMs = instantMs() + lastsMs;
  const kinds = Map.groupBy(MISHAPS, ({ kind }) => kind);
  await Promise.all(
    [...kinds.values()].map(async (mishaps) => {
      while (instantMs() < endsAtMs) {
        const mishap = pick(world.random, mishaps);
        tell(mishap.name);
        await mishap.happen(world);
        await aWhile(world);
      }
    }),
  );
}
