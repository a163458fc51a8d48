import { type FaultyLink, openFaultyLink, redisCommand, startRedis } from '@holdfast/store/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { type Visitor, visitAll, welcome } from '../support/visitor.ts';

describe('when nodes write to two primaries of Redis, each of which takes itself for the only one', () => {
  const stage = useStage('file');

  const untilAll = (
    what: string,
    nodes: readonly HoldfastNode[],
    isSo: (node: HoldfastNode) => Promise<boolean>,
  ): Promise<unknown> =>
    Promise.all(nodes.map((node) => until(`${node.name}: ${what}`, () => isSo(node), 20_000)));

  const hasStore = async (node: HoldfastNode): Promise<boolean> => {
    const { store } = await node.status();
    return store.state === 'available' && store.invalidationsLive;
  };

  it('R30: a session moves at most once on either side, and all nodes agree when there is one primary again', async () => {
    const primary = await stage().startRedis();
    const other = await startRedis({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
    onTestFinished(() => other.stop());
    const links: readonly FaultyLink[] = await Promise.all([1, 2, 3].map(() => openFaultyLink(primary.port)));
    onTestFinished(async () => void (await Promise.all(links.map((link) => link.close()))));
    const endpoints = await stage().startEndpoints(4);
    const nodes = await Promise.all(
      links.map(({ port }) =>
        stage().startNode({
          storeUrl: `redis://127.0.0.1:${port}`,
          store: { commandTimeout: '50ms' },
          pool: { healthCheck: { path: '/healthz' } },
        }),
      ),
    );
    const clients = stage().clients(nodes);
    const visitors = await welcome(60, clients);
    await visitAll(visitors, clients);
    await until('the other Redis has followed', async () =>
      String(await redisCommand(other, 'INFO', 'replication')).includes('master_link_status:up'),
    );

    await redisCommand(other, 'REPLICAOF', 'NO', 'ONE');
    for (const link of links.slice(1)) link.redirect(other.port);
    await untilAll('has its store', nodes, hasStore);
    const [mortal] = endpoints;
    await mortal!.kill();
    await untilAll(
      'knows that it is down',
      nodes,
      async (node) => (await node.standingOf(mortal!.id)) === 'down',
    );
    // The same cookie comes to both sides at once: neither learns from it what the other has done.
    const twins = visitors.map((visitor) => visitor.twin());
    await Promise.all([
      ...visitors.map((visitor) => visitor.visit(clients[0]!)),
      ...twins.map((twin) => twin.visit(clients[1]!)),
    ]);
    const newcomers = [...(await welcome(12, clients.slice(0, 1))), ...(await welcome(12, clients.slice(1)))];
    await mortal!.start();

    await redisCommand(primary, 'REPLICAOF', '127.0.0.1', other.port);
    links[0]!.redirect(other.port);
    await untilAll('has its store', nodes, hasStore);
    const everybody: readonly Visitor[] = [...visitors, ...twins, ...newcomers];
    for (let round = 0; round < 2; round++) await visitAll(everybody, clients);

    const failed = everybody.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200));
    expect(failed.map(({ response }) => response)).toEqual([]);
    for (const { name, path, visits } of everybody) {
      expect(path.length, `${name}: ${path.join(' > ')}`).toBeLessThanOrEqual(3);
      expect(new Set(visits.slice(-clients.length).map(({ servedBy }) => servedBy)).size, name).toBe(1);
    }
    expect(twins.map(({ path }) => path.at(-1))).toEqual(visitors.map(({ path }) => path.at(-1)));
    const orphans = visitors.filter(({ path }) => path[0] === mortal!.id);
    expect(orphans.length).toBeGreaterThan(5);
    expect(orphans.filter(({ path }) => path.at(-1) === mortal!.id)).toEqual([]);
  });
});
