import { afterEach, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { useStage } from '../support/stage.ts';
import { UdpParty } from '../support/udp-party.ts';
import { until } from '../support/until.ts';

const opened: UdpParty[] = [];
afterEach(() => {
  for (const party of opened.splice(0)) party.close();
});

const open = async (...args: Parameters<typeof UdpParty.open>): Promise<UdpParty> => {
  const party = await UdpParty.open(...args);
  opened.push(party);
  return party;
};

/** An endpoint that answers each question with its name and the question, as a resolver repeats it. */
const openEndpoint = (name: string, port = 0) => open('127.0.0.1', port, (question) => `${name} ${question}`);

/** Asks until there is an answer, as clients of datagrams do, and tells who gave it. */
async function ask(client: UdpParty, port: number, question: string): Promise<string | undefined> {
  return until(`${question} is answered`, () => {
    const answer = client.received.find((text) => text.endsWith(` ${question}`));
    if (answer === undefined) client.send(question, port);
    return answer?.split(' ')[0];
  });
}

const listener = { protocol: 'udp', timeouts: { idle: '2s' } };
const pool = {
  affinity: { type: 'source-ip' },
  healthCheck: { interval: '100ms', timeout: '500ms', send: 'check', expect: 'check' },
};

describe('udp listeners', () => {
  const stage = useStage();

  const startCluster = async () => {
    const redis = await stage().startRedis();
    const names = ['shop-1', 'shop-2', 'shop-3'];
    const parties = await Promise.all(names.map((name) => openEndpoint(name)));
    const endpoints = parties.map(({ port }, index) => ({
      id: names[index] as string,
      url: `udp://127.0.0.1:${port}`,
    }));
    const nodes = await stage().startNodes(2, { endpoints, listener, pool, storeUrl: redis.url });
    return { parties, nodes: nodes as [HoldfastNode, HoldfastNode] };
  };

  it('answer 200 clients from where they have asked, each by one endpoint through all nodes and a restart, and forget their flows', async () => {
    const { nodes } = await startCluster();
    const clients = await Promise.all(
      Array.from({ length: 200 }, (_, index) => open(`127.0.2.${index + 1}`)),
    );
    const [one, two] = nodes;
    const askAll = (node: HoldfastNode, question: string) =>
      Promise.all(clients.map((client) => ask(client, node.ports.port, question)));
    const homes = await askAll(one, 'first');
    expect(new Set(homes)).toEqual(new Set(['shop-1', 'shop-2', 'shop-3']));
    expect(await askAll(two, 'second')).toEqual(homes);
    await one.restart('SIGKILL');
    expect(await askAll(one, 'third')).toEqual(homes);
    const ports = new Set(nodes.map(({ ports: { port } }) => port));
    for (const { froms } of clients) for (const { port } of froms) expect(ports).toContain(port);
    for (const node of nodes) {
      await until(
        'its flows are over',
        async () => (await node.status()).listeners[0]?.openConnections === 0,
      );
      expect((await node.status()).connections.byEnd).toMatchObject({ refused: 0, evicted: 0 });
    }
    expect((await one.status()).connections.byEnd.idle).toBe(200);
  });

  it('move the clients of an endpoint that is gone to one other endpoint, as all nodes see it', async () => {
    const { nodes, parties } = await startCluster();
    const clients = await Promise.all(Array.from({ length: 12 }, (_, index) => open(`127.0.3.${index + 1}`)));
    const askAll = (node: HoldfastNode, question: string) =>
      Promise.all(clients.map((client) => ask(client, node.ports.port, question)));
    const before = await askAll(nodes[0], 'before');
    parties[0]?.close();
    const after = await askAll(nodes[0], 'after');
    expect(after).not.toContain('shop-1');
    for (const [index, home] of before.entries()) if (home !== 'shop-1') expect(after[index]).toBe(home);
    expect(await askAll(nodes[1], 'elsewhere')).toEqual(after);
    await until('the health check sees it', async () => (await nodes[1].standingOf('shop-1')) === 'down');
  });
});
