import { beforeAll, describe, expect, it } from 'vitest';
import { holdfast } from '../support/command.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { reloadAll, wishesFor } from '../support/reloading.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

const SESSIONS = 300;
const IN_USE = 100;
/** What each of four endpoints is worth, and the tenth that it may be from that. */
const DUE = SESSIONS / 4;
const TOLERANCE = DUE / 10;

const stage = useStage('file');

let nodes: readonly HoldfastNode[];
let clients: readonly HttpClient[];
let wishes: (...numbers: readonly number[]) => NodeWishes;

/** Two nodes on one Redis, with the first three of four endpoints. */
beforeAll(async () => {
  await stage().startEndpoints(4);
  const { url } = await stage().startRedis();
  wishes = (...numbers) =>
    wishesFor(stage(), numbers, {
      storeUrl: url,
      affinity: { idleTimeout: '24s' },
      pool: { rebalance: { automatic: true, idleFor: '1s', rate: '200/s' } },
    });
  nodes = await stage().startNodes(2, wishes(1, 2, 3));
  clients = stage().clients(nodes);
});

/** How many sessions an endpoint has, by the word of the session map. */
async function pinnedAt(id: string): Promise<number> {
  const { pinned = {} } = await (nodes[0] as HoldfastNode).status();
  return pinned[`shop/${id}`] ?? 0;
}

/** What the endpoints of these visitors were told of moves, in order. */
const movesOf = ({ visits }: Visitor): readonly string[] => visits.flatMap(({ moved }) => moved ?? []);

describe('an endpoint that joins a pool which is rebalanced by itself', () => {
  it('gets its share of the idle sessions, each of which moves once for all nodes, and none that is in use', async () => {
    const visitors = await welcome(SESSIONS, clients);
    const [inUse, idle] = [visitors.slice(0, IN_USE), visitors.slice(IN_USE)];
    let turn = 0;
    const load = inBackground(4, async () => {
      const number = turn++;
      const client = clients[number % clients.length] as HttpClient;
      await inUse[number % inUse.length]?.visit(client, { path: '/slow?ms=20' });
    });

    await reloadAll(nodes, wishes(1, 2, 3, 4));
    await until(
      'the endpoint has its share',
      async () => (await pinnedAt('shop-4')) >= DUE - TOLERANCE,
      22_000,
    );
    const [node] = nodes as [HoldfastNode];
    await until('it is over', async () => {
      const { body } = await node.admin('/pools/shop/rebalance');
      return JSON.parse(body).state === 'balanced';
    });
    await load.stop();
    for (const id of ['shop-1', 'shop-2', 'shop-3', 'shop-4'])
      expect(Math.abs((await pinnedAt(id)) - DUE)).toBeLessThanOrEqual(TOLERANCE);

    await visitAll(idle, clients);
    await visitAll(inUse, clients);
    expect(visitors.flatMap(({ visits }) => visits).filter(({ status }) => status !== 200)).toEqual([]);
    expect(inUse.filter(({ path }) => path.length > 1).map(({ path }) => path)).toEqual([]);
    const moved = idle.filter(({ path }) => path.length > 1);
    expect(moved.length).toBe(await pinnedAt('shop-4'));
    for (const visitor of moved) {
      const [from] = visitor.path;
      expect(visitor.path).toEqual([from, 'shop-4']);
      expect(movesOf(visitor)).toEqual([`from=shop/${from}; reason=rebalanced`]);
    }
    expect((await node.status()).moved).toEqual({ rebalanced: moved.length });
  }, 40_000);
});

describe('an endpoint whose drain is past its deadline', () => {
  it('is emptied without a request of its sessions, which are then served where they are', async () => {
    const visitors = await welcome(30, clients);
    const homes = pathsOf(visitors);
    const [node] = nodes as [HoldfastNode];
    const drained = await holdfast(
      ...['endpoints', 'drain', 'shop/shop-2', '--deadline', '1s', '--url', node.adminOrigin],
    );
    expect(drained, drained.stderr).toMatchObject({ exitCode: 0 });
    await until('nobody is left', async () => (await pinnedAt('shop-2')) === 0, 15_000);
    await visitAll(visitors, clients);
    for (const visitor of visitors) {
      expect(visitor.visits.map(({ status }) => status)).toEqual([200, 200, 200]);
      const told = homes[visitor.name] === 'shop-2' ? ['from=shop/shop-2; reason=endpoint-drained'] : [];
      expect(movesOf(visitor)).toEqual(told);
    }
  });
});

describe('holdfast rebalance', () => {
  it('tells what it would do', async () => {
    const [node] = nodes as [HoldfastNode];
    const dry = await holdfast(
      'rebalance',
      'shop',
      '--dry-run',
      '--tolerance',
      '0%',
      '--url',
      node.adminOrigin,
    );
    expect(dry, dry.stderr).toMatchObject({ exitCode: 0 });
    expect(dry.stdout).toMatch(/^shop: planned, 0 moved, \d+ to move/);
  });
});
