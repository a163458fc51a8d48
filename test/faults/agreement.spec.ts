import { systemClock } from '@holdfast/shared';
import { type FaultyLink, openFaultyLink } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';

/** Soon enough to find out, within a test, that an endpoint is back. */
const HEALTH_CHECK = {
  path: '/healthz',
  interval: '100ms',
  timeout: '1s',
  healthyAfter: 2,
  unhealthyAfter: 2,
};

const isAt = ({ path }: Visitor, endpoint: string): boolean => path[0] === endpoint;

const failures = (visitors: readonly Visitor[]): readonly unknown[] =>
  visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200));

const stateOf = async (node: HoldfastNode, other: string): Promise<string | undefined> =>
  (await node.status()).members.find((member) => member.node === other)?.state;

const untilStanding = (
  nodes: readonly HoldfastNode[],
  endpoint: string,
  standing: string,
): Promise<unknown> =>
  Promise.all(
    nodes.map((node) =>
      until(`${endpoint} is ${standing} to ${node.name}`, async () => {
        return (await node.standingOf(endpoint)) === standing;
      }),
    ),
  );

/** Waits until all of them know that the others live. */
const untilAcquainted = (nodes: readonly HoldfastNode[]): Promise<unknown> =>
  Promise.all(
    nodes.flatMap((node) =>
      nodes
        .filter((other) => other !== node)
        .map((other) =>
          until(
            `${node.name} knows ${other.name}`,
            async () => (await stateOf(node, other.name)) === 'alive',
          ),
        ),
    ),
  );

describe('a node whose own way to endpoints is cut, of three', () => {
  const stage = useStage('file');
  const links: FaultyLink[] = [];
  let nodes: readonly HoldfastNode[];
  let clients: readonly HttpClient[];
  let visitors: readonly Visitor[];
  let homes: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const storeUrl = (await stage().startRedis()).url;
    const endpoints = await stage().startEndpoints(4);
    for (const { port } of endpoints) links.push(await openFaultyLink(port));
    const overLinks = links.map(({ port }, index) => ({
      id: endpoints[index]?.id ?? '',
      url: `http://127.0.0.1:${port}`,
    }));
    const wishes = { storeUrl, pool: { healthCheck: HEALTH_CHECK } };
    await stage().startNode({ ...wishes, endpoints: overLinks });
    await stage().startNodes(2, wishes);
    nodes = stage().nodes;
    clients = stage().clients();
    await untilAcquainted(nodes);
    visitors = await welcome(40, clients);
    homes = pathsOf(visitors);
  });
  afterAll(() => Promise.all(links.map((link) => link.close())));

  it('serves the sessions of an endpoint elsewhere that it alone cannot reach, and moves none of them', async () => {
    const [alone, ...others] = nodes as [HoldfastNode, HoldfastNode, HoldfastNode];
    await links[0]?.cut();
    await untilStanding([alone], 'shop-1', 'suspect');
    const orphans = visitors.filter((visitor) => isAt(visitor, 'shop-1'));
    expect(orphans.length).toBeGreaterThan(0);
    for (let round = 0; round < 3; round++) await visitAll(orphans, clients);

    expect(failures(visitors)).toEqual([]);
    for (const { visits } of orphans) {
      const there = visits.slice(1).filter(({ node }) => node === alone.name);
      expect(there.map(({ outcome, setsCookie }) => [outcome, setsCookie])).toEqual([
        ...Array.from({ length: 3 }, () => ['fallback', false]),
      ]);
      expect(new Set(there.map(({ servedBy }) => servedBy)).size).toBe(1);
      const elsewhere = visits.slice(1).filter(({ node }) => node !== alone.name);
      expect(new Set(elsewhere.map(({ servedBy, outcome }) => `${servedBy} ${outcome}`))).toEqual(
        new Set(['shop-1 hit']),
      );
      expect(new Set(visits.map(({ version }) => version))).toEqual(new Set([1]));
    }
    const seenByOthers = async () => (await others[0].status()).pools[0]?.endpoints[0];
    await until('the others know of it', async () => (await seenByOthers())?.heldDownBy[0] === alone.name);
    expect(await seenByOthers()).toMatchObject({ standing: 'serving', heldDownBy: [alone.name] });
    expect(await alone.isReady()).toBe(true);

    await links[0]?.mend();
    await untilStanding([alone], 'shop-1', 'serving');
    for (const visitor of visitors) visitor.visits.length = 0;
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
  });

  it('says that it is not ready where it alone cannot reach most of them, and still moves nothing', async () => {
    const [alone, ...others] = nodes as [HoldfastNode, HoldfastNode, HoldfastNode];
    for (const link of links.slice(0, 3)) await link.cut();
    await until('it is not ready', async () => !(await alone.isReady()));
    expect(JSON.parse((await alone.admin('/readyz')).body)).toMatchObject({
      reasons: [expect.stringMatching(/^most endpoints/)],
    });
    expect(await Promise.all(others.map((node) => node.isReady()))).toEqual([true, true]);
    await visitAll(visitors, clients);
    expect(failures(visitors)).toEqual([]);

    for (const link of links.slice(0, 3)) await link.mend();
    await until('it is ready again', () => alone.isReady());
    for (const id of ['shop-1', 'shop-2', 'shop-3']) await untilStanding([alone], id, 'serving');
    for (const visitor of visitors) visitor.visits.length = 0;
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    for (const node of nodes) expect((await node.status()).requests.repinsByReason).toEqual({});
  });

  it('is told apart by its configuration, in which the endpoints have other addresses', async () => {
    const [alone, other] = nodes as [HoldfastNode, HoldfastNode];
    const { warnings } = await other.status();
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${alone.name} goes by other pools`))]);
  });
});

describe('three nodes without a health check, when an endpoint dies', () => {
  const stage = useStage('file');
  let endpoints: readonly EndpointProcess[];
  let clients: readonly HttpClient[];
  let visitors: readonly Visitor[];
  beforeAll(async () => {
    const storeUrl = (await stage().startRedis()).url;
    endpoints = await stage().startEndpoints(4);
    await untilAcquainted(await stage().startNodes(3, { storeUrl }));
    clients = stage().clients();
    visitors = await welcome(60, clients);
  });

  it.each([
    ['at all nodes', 'shop-1', 3],
    ['at one node alone', 'shop-2', 1],
  ])('move each of its sessions exactly once, with requests %s', async (where, victim, nodesAsked) => {
    const orphans = visitors.filter(({ lastVisit }) => lastVisit?.servedBy === victim);
    expect(orphans.length).toBeGreaterThan(0);
    for (const visitor of visitors) visitor.visits.splice(0, visitor.visits.length - 1);
    const versions = new Map(orphans.map((orphan) => [orphan, orphan.lastVisit?.version ?? 0]));
    await endpoints.find(({ id }) => id === victim)?.kill();
    const killedAtMs = systemClock.elapsed();
    const asked = clients.slice(0, nodesAsked);
    const hasMoved = (): boolean =>
      orphans.some(({ visits }) => visits.some(({ outcome }) => outcome === 'repinned'));
    await until('the first session has moved', async () => {
      await Promise.all(asked.map((client, index) => orphans[index % orphans.length]?.visit(client)));
      return hasMoved();
    });
    const tookMs = Math.round(systemClock.elapsed() - killedAtMs);
    process.stderr.write(`from kill to the first move, requests ${where}: ${tookMs} ms\n`);

    await untilStanding(stage().nodes, victim, 'down');
    for (let round = 0; round < 2; round++) await visitAll(visitors, clients);
    expect(failures(visitors)).toEqual([]);
    for (const orphan of orphans) {
      expect(orphan.visits.filter(({ outcome }) => outcome === 'repinned')).toHaveLength(1);
      expect(orphan.path, `${orphan.name} went to one place`).toHaveLength(2);
      expect(orphan.lastVisit?.version).toBe((versions.get(orphan) ?? 0) + 1);
      expect(orphan.visits.flatMap(({ moved }) => moved ?? [])).toEqual([
        `from=shop/${victim}; reason=endpoint-down`,
      ]);
    }
    const others = visitors.filter((visitor) => !orphans.includes(visitor));
    for (const { path } of others) expect(path).toHaveLength(1);
  });

  it('know which of them was killed, and which has left', async () => {
    const [first, second, third] = stage().nodes as [HoldfastNode, HoldfastNode, HoldfastNode];
    await third.end('SIGKILL');
    await until('the killed one is suspect', async () => (await stateOf(first, third.name)) === 'suspect');
    await second.end();
    await until('the other one has left', async () => (await stateOf(first, second.name)) === 'left');
  });
});
