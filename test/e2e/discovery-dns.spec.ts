import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpointsOf, shopDiscovered } from '../support/discovered.ts';
import { DnsServer } from '../support/dns-server.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { LoopbackEndpoints } from '../support/loopback-endpoints.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

/** Two nodes, each asking DNS by itself, with a pool that forgets slowly and one that forgets at once. */
describe('a pool that is found by DNS', () => {
  const stage = useStage('file');
  let dns: DnsServer;
  let endpoints: LoopbackEndpoints;
  let nodes: readonly HoldfastNode[];
  let clients: readonly HttpClient[];

  beforeAll(async () => {
    dns = await DnsServer.start();
    endpoints = await LoopbackEndpoints.start();
    dns.setAddresses('shop.test', ['127.0.0.3', '127.0.0.2', '127.0.0.1']);
    dns.setAddresses('brief.test', ['127.0.0.1', '127.0.0.2']);
    dns.setServices('_http._tcp.test', [
      { target: 'heavy.test', port: endpoints.port, weight: 3 },
      { target: 'light.test', port: endpoints.port, weight: 1 },
    ]);
    dns.setAddresses('heavy.test', ['127.0.0.11']);
    dns.setAddresses('light.test', ['127.0.0.12']);
    const common = { type: 'dns', resolvers: [dns.resolver], interval: '100ms', timeout: '300ms' };
    const { port } = endpoints;
    nodes = await stage().startNodes(
      2,
      shopDiscovered(
        { ...common, name: 'shop.test', port },
        {
          brief: { ...common, name: 'brief.test', port, removeAfter: '200ms' },
          services: { ...common, name: '_http._tcp.test', record: 'srv' },
        },
        stage().sqliteUrl(),
      ),
    );
    clients = stage().clients();
  });

  afterAll(async () => {
    await dns.close();
    await endpoints.close();
  });

  beforeEach(async () => {
    dns.say('records');
    dns.setAddresses('shop.test', ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
    await untilBoth('shop', '127.0.0.1 127.0.0.2 127.0.0.3', 'named');
  });

  /** Waits until both nodes have these endpoints in a pool, whatever their order, that are `named`, or leave. */
  const untilBoth = (pool: string, addresses: string, which: 'named' | 'leaving' | 'all' = 'all') =>
    until(`both nodes have ${which} ${addresses}`, async () => {
      const all = await Promise.all(nodes.map((node) => endpointsOf(node, pool)));
      return all.every(
        (seen) =>
          seen
            .filter(({ isLeaving }) => which === 'all' || isLeaving === (which === 'leaving'))
            .map(({ address }) => address)
            .join(' ') === addresses,
      );
    });

  it('has every address from the moment on that the node is ready, and says where they come from', async () => {
    const [node] = nodes as [HoldfastNode];
    const { pools } = await node.status();
    expect(pools[0]).toMatchObject({
      discovery: { type: 'dns', failingForSeconds: 0 },
      endpoints: ['1', '2', '3'].map((last) => ({
        id: `shop/127.0.0.${last}:${endpoints.port}`,
        from: 'dns',
        standing: 'serving',
      })),
    });
    const listed = JSON.parse((await node.admin('/endpoints')).body);
    expect(listed.endpoints[0]).toMatchObject({ from: 'dns', standing: 'serving' });
    const visitors = await welcome(6, clients);
    expect(new Set(visitors.map(({ path }) => path[0])).size).toBe(3);
  });

  it('changes under load without a failed request: who is missing keeps its sessions, gets none, and comes back', async () => {
    const visitors = await welcome(30, clients);
    const homes = pathsOf(visitors);
    expect(visitors.filter(({ path }) => path[0] === '127.0.0.1').length).toBeGreaterThan(0);
    const load = inBackground(4, () => visitAll(visitors, clients));

    dns.setAddresses('shop.test', ['127.0.0.4', '127.0.0.3', '127.0.0.2']);
    await untilBoth('shop', '127.0.0.1', 'leaving');
    const newcomers = await welcome(18, clients);
    expect(new Set(newcomers.map(({ path }) => path[0]))).toEqual(
      new Set(['127.0.0.2', '127.0.0.3', '127.0.0.4']),
    );
    const listed = JSON.parse((await (nodes[0] as HoldfastNode).admin('/endpoints')).body);
    expect(listed.endpoints[0]).toMatchObject({ standing: 'draining' });

    dns.setAddresses('shop.test', ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']);
    await untilBoth('shop', '', 'leaving');
    const later = await welcome(16, clients);
    expect(later.some(({ path }) => path[0] === '127.0.0.1')).toBe(true);
    const { turns } = load;
    await until('everybody has come once more', () => load.turns >= turns + 4);
    await load.stop();
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
  });

  it.each(['nxdomain', 'servfail', 'nothing', 'silence'] as const)(
    'stays as it is while DNS says %s, and says for how long',
    async (says) => {
      const visitors = await welcome(9, clients);
      const homes = pathsOf(visitors);
      const [node] = nodes as [HoldfastNode];
      const [before, known] = [await failures(node), await endpointsOf(node, 'shop')];
      dns.say(says);
      await until('it has failed twice', async () => (await failures(node)) >= before + 2);
      await visitAll(visitors, clients);
      expect(pathsOf(visitors)).toEqual(homes);
      expect(await endpointsOf(node, 'shop')).toEqual(known);
      const { warnings } = await node.status();
      expect(warnings.some((warning) => /^pool shop: .* those that are known stay/.test(warning))).toBe(true);
    },
  );

  const failures = async (node: HoldfastNode): Promise<number> =>
    (await node.status()).pools.find(({ name }) => name === 'shop')?.discovery?.failures ?? 0;

  it('has all of 64 addresses, which come by TCP because no datagram holds them', async () => {
    const addresses = Array.from({ length: 64 }, (_, index) => `127.0.1.${index + 1}`);
    dns.setAddresses('shop.test', addresses);
    await untilBoth('shop', addresses.toSorted().join(' '), 'named');
    expect(dns.asked).toContain('tcp A shop.test');
    const visitors = await welcome(128, clients.slice(0, 1));
    expect(new Set(visitors.map(({ path }) => path[0]))).toEqual(new Set(addresses));
  });

  it('removes who is missing when the time is over: its sessions are served elsewhere, without a failure', async () => {
    const brief = clients.map((client) => ({
      send: (request = {}) => client.send({ ...request, path: '/brief' }),
    }));
    const visitors = await welcome(8, brief);
    dns.setAddresses('brief.test', ['127.0.0.2', '127.0.0.3']);
    await untilBoth('brief', '127.0.0.2 127.0.0.3');
    await visitAll(visitors, brief);
    const ends = (of: Visitor) => [of.path[0], of.path.at(-1)];
    expect(visitors.flatMap(({ visits }) => visits.map(({ status }) => status))).not.toContain(503);
    for (const visitor of visitors) {
      const [first, last] = ends(visitor);
      expect(last).not.toBe('127.0.0.1');
      if (first === '127.0.0.2') expect(visitor.path).toEqual(['127.0.0.2']);
    }
  });

  it('has the ports and weights of SRV records, and endpoints that are called as their targets', async () => {
    const { pools } = await (nodes[0] as HoldfastNode).status();
    expect(pools.find(({ name }) => name === 'services')?.endpoints.map(({ id }) => id)).toEqual([
      `services/heavy.test:${endpoints.port}`,
      `services/light.test:${endpoints.port}`,
    ]);
    const services = clients.slice(0, 1).map((client) => ({
      send: (request = {}) => client.send({ ...request, path: '/services' }),
    }));
    const visitors = await welcome(16, services);
    expect(visitors.filter(({ path }) => path[0] === '127.0.0.11')).toHaveLength(12);

    dns.setAddresses('light.test', ['127.0.0.13']);
    await until('the target is elsewhere', async () => {
      const newcomers = await welcome(4, services);
      return newcomers.some(({ path }) => path[0] === '127.0.0.13');
    });
    expect(await endpointsOf(nodes[0] as HoldfastNode, 'services')).toHaveLength(2);
  });
});
