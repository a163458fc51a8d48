import { describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HttpClient } from '../support/http-client.ts';
import { okResponse } from '../support/raw-endpoint.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor, visitAll, welcome } from '../support/visitor.ts';

const NONE = { type: 'none' };
const TRUSTING = { trustedProxies: ['127.0.0.1'] };

/** The endpoint that a client of that address gets, by what a trusted proxy says of it. */
async function placeOf(client: HttpClient, address: string): Promise<string | undefined> {
  const { headers } = await client.send({ headers: { 'x-forwarded-for': address } });
  return headers['x-served-by'];
}

describe('balance policies', () => {
  const stage = useStage();

  it('source-ip sends a network to one endpoint at every node, and moves only those of an endpoint that dies', async () => {
    await stage().startEndpoints(3);
    await stage().startNodes(2, {
      listener: TRUSTING,
      pool: { affinity: NONE, balance: { policy: 'source-ip', ipv4Prefix: 24 } },
    });
    const [one, two] = stage().clients() as [HttpClient, HttpClient];
    const networks = Array.from({ length: 40 }, (_, index) => `10.0.${index}`);
    const placesAt = (client: HttpClient, host: number) =>
      Promise.all(networks.map((network) => placeOf(client, `${network}.${host}`)));
    const before = await placesAt(one, 1);
    expect(new Set(before).size).toBe(3);
    expect(await placesAt(one, 200)).toEqual(before);
    expect(await placesAt(two, 7)).toEqual(before);

    await (stage().endpoints[0] as EndpointProcess).kill();
    // Nodes find out by the first connection that is refused; which of their requests had to fail over is chance.
    await Promise.all([placesAt(one, 1), placesAt(two, 1)]);
    const after = await placesAt(one, 1);
    expect(await placesAt(two, 1)).toEqual(after);
    expect(after.filter((place, index) => place !== before[index] && before[index] !== 'shop-1')).toEqual([]);
    expect(after).not.toContain('shop-1');
  });

  it('source-ip places new sessions by address as well; then their cookies count', async () => {
    await stage().startEndpoints(3);
    await stage().startNode({ listener: TRUSTING, pool: { balance: 'source-ip' } });
    const [client] = stage().clients() as [HttpClient];
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    for (let host = 1; host <= 12; host++) {
      const [first, second] = [new Visitor('first'), new Visitor('second')];
      await first.visit(client, from(`192.0.2.${host}`));
      await second.visit(client, from(`192.0.2.${host}`));
      await first.visit(client, from('198.51.100.1'));
      expect(first.path).toHaveLength(1);
      expect(second.path).toEqual(first.path);
    }
  });

  it('least-sessions fills the endpoint with the fewest sessions, whichever node has pinned them', async () => {
    const redis = await stage().startRedis();
    const [first] = (await stage().startEndpoints(2)) as [EndpointProcess];
    const wishes = { storeUrl: redis.url };
    const alone = [{ id: first.id, url: first.url }];
    const one = await stage().startNode({ ...wishes, endpoints: alone });
    await welcome(20, [stage().client(one)]);
    const two = await stage().startNode({ ...wishes, pool: { balance: 'least-sessions' } });
    const client = stage().client(two);
    // The first session is placed by what this node has pinned itself, and has the store asked.
    await welcome(1, [client]);
    await until('the store has counted', async () => (await two.pinnedTotal()) === 21);
    const visitors = await welcome(18, [client]);
    expect(visitors.map(({ path }) => path[0])).toEqual(visitors.map(() => 'shop-2'));
  });

  it('a backup serves while no other endpoint does, and keeps the sessions that came to it', async () => {
    const [main, backup] = (await stage().startEndpoints(2)) as [EndpointProcess, EndpointProcess];
    const endpoints = [
      { id: main.id, url: main.url },
      { id: backup.id, url: backup.url, backup: true },
    ];
    const healthCheck = { path: '/healthz', interval: '100ms', healthyAfter: 1 };
    const node = await stage().startNode({ endpoints, pool: { healthCheck } });
    const clients = stage().clients();
    expect(new Set((await welcome(10, clients)).map(({ path }) => path[0]))).toEqual(new Set(['shop-1']));

    await main.kill();
    const guests = await welcome(5, clients);
    expect(guests.every(({ lastVisit }) => lastVisit?.servedBy === 'shop-2')).toBe(true);

    await main.start();
    await until('shop-1 is back', async () => (await node.standingOf('shop-1')) === 'serving');
    expect(new Set((await welcome(10, clients)).map(({ path }) => path[0]))).toEqual(new Set(['shop-1']));
    await visitAll(guests, clients);
    expect(guests.map(({ path }) => path)).toEqual(guests.map(() => ['shop-2']));
  });
});

describe('an endpoint with maxConnections requests under way', () => {
  const stage = useStage();

  it('has a pinned session wait for it, and for no longer than timeouts.queue; new sessions go elsewhere', async () => {
    await stage().startEndpoints(2);
    const node = await stage().startNode({ pool: { maxConnections: 1, timeouts: { queue: '300ms' } } });
    const client = stage().client(node);
    const visitor = new Visitor('visitor');
    const home = (await visitor.visit(client)).servedBy;
    const first = visitor.visit(client, { path: '/gate' });
    const inFlight = async () =>
      (await node.status()).pools[0]?.endpoints.some((endpoint) => endpoint.inFlight === 1);
    await until('the endpoint is busy', inFlight);

    const { status, response } = await visitor.visit(client);
    expect([status, response.headers['retry-after']]).toEqual([503, '1']);
    expect(response.body).toContain('UPSTREAM_QUEUE_TIMEOUT');
    const others = [];
    for (let count = 0; count < 6; count++) others.push(...(await welcome(1, [client])));
    expect(others.every(({ path }) => path[0] !== home)).toBe(true);

    // One that waits is served as soon as the one before it is.
    const waiting = visitor.visit(client);
    await stage()
      .endpoints.find(({ id }) => id === home)
      ?.openGate();
    expect([(await first).status, (await waiting).status]).toEqual([200, 200]);
    expect(await visitor.visit(client)).toMatchObject({ status: 200, servedBy: home, outcome: 'hit' });
  });

  it('gets no more than that at once, in the order in which they came, and all of them in the end', async () => {
    let underWay = 0;
    let most = 0;
    const order: string[] = [];
    await stage().startRawEndpoint(({ target, connection }) => {
      order.push(target);
      most = Math.max(most, ++underWay);
      setTimeout(() => {
        underWay--;
        connection.say(okResponse(target));
      }, 5);
    });
    const node = await stage().startNode({
      pool: { affinity: NONE, maxConnections: 2, timeouts: { queue: '30s' } },
    });
    const client = stage().client(node);
    const targets = Array.from({ length: 40 }, (_, index) => `/${index}`);
    const answers = await Promise.all(targets.map((path) => client.send({ path })));
    expect(answers.map(({ body }) => body)).toEqual(targets);
    expect(most).toBe(2);
    expect(new Set(order).size).toBe(40);
  });

  it('turns requests away at once where maxQueue of them wait', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode({
      pool: { affinity: NONE, maxConnections: 1, maxQueue: 0 },
    });
    const rival = stage().client(node);
    const hanging = rival.send({ path: '/hang' }).catch(() => 'broken off');
    await until(
      'the endpoint is busy',
      async () => (await node.status()).pools[0]?.endpoints[0]?.inFlight === 1,
    );
    const { status, body } = await stage().client(node).send();
    expect([status, body.includes('UPSTREAM_QUEUE_FULL')]).toEqual([503, true]);
    await rival.close();
    await hanging;
  });
});
