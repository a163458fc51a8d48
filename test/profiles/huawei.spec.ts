import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode, ReloadAnswer } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { useStage } from '../support/stage.ts';
import { endpointOf } from '../support/tcp-client.ts';
import { TcpEndpoint } from '../support/tcp-endpoint.ts';
import { until } from '../support/until.ts';
import { cookieValue, pathsOf, readVisit, Visitor, visit, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

/** The values of the profile, without its name. */
type Values = Readonly<Record<string, unknown>>;

const huawei = (values: Values) => ({ profile: 'huawei', ...values });
const APPLIED = { outcome: 'applied' };
const STICKY_BESIDE_HASH = /sticky sessions cannot be configured beside the algorithm SOURCE_IP/;

/** Has every node go by this affinity, by a reload; answers what the first of them says of it. */
async function configure(
  nodes: readonly HoldfastNode[],
  wishes: NodeWishes,
  affinity: object,
  pool: object = {},
): Promise<ReloadAnswer> {
  const wanted = { ...wishes, pool: { ...wishes.pool, affinity, ...pool } };
  const [answer] = await Promise.all(nodes.map((node) => node.reload(wanted)));
  return answer as ReloadAnswer;
}

/** What is said against a configuration, without its place in the file. */
async function refusal(...change: Parameters<typeof configure>): Promise<string> {
  const { outcome, problems = [] } = await configure(...change);
  return `${outcome}: ${problems.map((problem) => problem.replace(/^\S+ /, '')).join('; ')}`;
}

describe('the profile huawei for TCP, on two nodes with one Redis', () => {
  const stage = useStage('file');
  const endpoints = ['shop-1', 'shop-2', 'shop-3'].map((id) => new TcpEndpoint(id));
  const addresses = Array.from({ length: 12 }, (_, index) => `127.0.7.${index + 1}`);
  let nodes: readonly HoldfastNode[];
  let wishes: NodeWishes;

  beforeAll(async () => {
    await Promise.all(endpoints.map((endpoint) => endpoint.start()));
    wishes = {
      endpoints: endpoints.map(({ address }) => address),
      listener: { protocol: 'tcp', debugHeaders: false },
      storeUrl: (await stage().startRedis()).url,
      pool: { affinity: huawei({ type: 'SOURCE_IP' }) },
    };
    nodes = await stage().startNodes(2, wishes);
  });
  afterAll(() => Promise.all(endpoints.map((endpoint) => endpoint.kill())));

  const homesBy = (node: HoldfastNode | undefined) =>
    Promise.all(addresses.map((address) => endpointOf(node?.ports.port ?? 0, address)));

  it('H1: connections from one address come to one endpoint, whatever their port and node', async () => {
    const homes = await homesBy(nodes[0]);
    expect(new Set(homes)).toEqual(new Set(['shop-1', 'shop-2', 'shop-3']));
    expect(await homesBy(nodes[0])).toEqual(homes);
    expect(await homesBy(nodes[1])).toEqual(homes);
  });

  it('H2: another address is another client, and one that was silent for the timeout is balanced anew', async () => {
    const [node] = nodes as [HoldfastNode];
    const pinnedBefore = await node.pinnedTotal();
    const homes = new Set<string | undefined>();
    for (const last of [1, 2, 3]) homes.add(await endpointOf(node.ports.port, `127.0.8.${last}`));
    expect([...homes].sort()).toEqual(['shop-1', 'shop-2', 'shop-3']);
    expect(await node.pinnedTotal()).toBe(pinnedBefore + 3);

    // What the profile stands for, with seconds in place of minutes.
    const inSeconds = { type: 'source-ip', idleTimeout: '1s', absoluteTimeout: '365d' };
    expect(await configure(nodes, wishes, inSeconds)).toMatchObject(APPLIED);
    const created = async () => (await node.status()).connections.byOutcome.created ?? 0;
    await endpointOf(node.ports.port, '127.0.9.1');
    await until('the connection is counted', async () => (await created()) > 0);
    const createdBefore = await created();
    await until('it is balanced anew after a second of silence', async () => {
      if ((await node.pinnedTotal()) > pinnedBefore + 3) return false;
      await endpointOf(node.ports.port, '127.0.9.1');
      return (await created()) > createdBefore;
    });
  });

  it('H3: a persistence_timeout of 0, 61 or "abc" is refused by name and range; 1 and 60 are taken', async () => {
    for (const persistence_timeout of [0, 61, 'abc'])
      expect(await refusal(nodes, wishes, huawei({ type: 'SOURCE_IP', persistence_timeout }))).toMatch(
        /^refused: pools\[0\]\.affinity\.persistence_timeout: expected a whole number of minutes from 1 to 60, found/,
      );
    for (const persistence_timeout of [1, 60])
      expect(
        await configure(nodes, wishes, huawei({ type: 'SOURCE_IP', persistence_timeout })),
      ).toMatchObject(APPLIED);
  });

  it('H4: beside the algorithm SOURCE_IP stickiness cannot be configured, and the algorithm alone sticks', async () => {
    const hash = { balance: 'source-ip' };
    expect(await refusal(nodes, wishes, huawei({ type: 'SOURCE_IP' }), hash)).toMatch(STICKY_BESIDE_HASH);
    expect(await configure(nodes, wishes, { type: 'none' }, hash)).toMatchObject(APPLIED);
    const homes = await homesBy(nodes[0]);
    expect(new Set(homes).size).toBeGreaterThan(1);
    expect(await homesBy(nodes[0])).toEqual(homes);
    expect(await homesBy(nodes[1])).toEqual(homes);
  });

  it('H5: TCP has no cookies', async () => {
    for (const values of [{ type: 'HTTP_COOKIE' }, { type: 'APP_COOKIE', cookie_name: 'X' }])
      expect(await refusal(nodes, wishes, huawei(values))).toBe(
        `refused: pools[0].affinity.type: expected SOURCE_IP, because the listener is TCP, found ${values.type}`,
      );
  });
});

describe('the profile huawei for HTTP, on two nodes with one Redis', () => {
  const stage = useStage('file');
  const healthCheck = { path: '/healthz', interval: '100ms', healthyAfter: 1, unhealthyAfter: 2 };
  let endpoints: readonly EndpointProcess[];
  let nodes: readonly HoldfastNode[];
  let clients: readonly HttpClient[];
  let wishes: NodeWishes;

  beforeAll(async () => {
    const redis = await stage().startRedis();
    endpoints = await stage().startEndpoints(3);
    const pool = { healthCheck, affinity: huawei({ type: 'HTTP_COOKIE' }) };
    wishes = { endpoints: endpoints.map(({ id, url }) => ({ id, url })), storeUrl: redis.url, pool };
    nodes = await stage().startNodes(2, wishes);
    clients = stage().clients();
  });

  it('H3: a persistence_timeout of 0, 1441 or "abc" is refused by name and range; 1 and 1440 are taken', async () => {
    for (const persistence_timeout of [0, 1_441, 'abc'])
      expect(await refusal(nodes, wishes, huawei({ type: 'HTTP_COOKIE', persistence_timeout }))).toMatch(
        /^refused: pools\[0\]\.affinity\.persistence_timeout: expected a whole number of minutes from 1 to 1440, found/,
      );
    for (const persistence_timeout of [1, 1_440])
      expect(
        await configure(nodes, wishes, huawei({ type: 'HTTP_COOKIE', persistence_timeout })),
      ).toMatchObject(APPLIED);
  });

  it('H5: HTTP has no stickiness by address', async () => {
    expect(await refusal(nodes, wishes, huawei({ type: 'SOURCE_IP' }))).toBe(
      'refused: pools[0].affinity.type: expected HTTP_COOKIE or APP_COOKIE, because the listener is HTTP, found SOURCE_IP',
    );
  });

  it('H6: with HTTP_COOKIE the first response sets the cookie, and who brings it stays; who does not is balanced', async () => {
    await configure(nodes, wishes, huawei({ type: 'HTTP_COOKIE', persistence_timeout: 20 }));
    const visitor = new Visitor('one');
    for (const client of [...clients, ...clients]) await visitor.visit(client);
    expect(visitor.path).toHaveLength(1);
    expect(visitor.visits.map(({ setsCookie }) => setsCookie)).toEqual([true, false, false, false]);

    const strangers = await Promise.all(Array.from({ length: 12 }, () => (clients[0] as HttpClient).send()));
    expect(new Set(strangers.map((response) => readVisit(response, true).servedBy)).size).toBe(3);
    expect(new Set(strangers.map((response) => cookieValue(response, '_srv_id'))).size).toBe(12);
  });

  it('H7: with APP_COOKIE a session begins when the application sets the cookie, and the proxy sets none', async () => {
    await configure(nodes, wishes, huawei({ type: 'APP_COOKIE', cookie_name: 'X' }));
    const pinnedBefore = (await nodes[0]?.pinnedTotal()) ?? 0;
    const without = await visit(clients[0]);
    expect(without.response.setCookies).toEqual([]);
    expect(await nodes[0]?.pinnedTotal()).toBe(pinnedBefore);

    const begun = await visit(clients[0], { path: '/respond?header=Set-Cookie:X%3Dv%3B%20Path%3D/' });
    expect(begun.response.setCookies).toEqual(['X=v; Path=/']);
    const later = await Promise.all(
      Array.from({ length: 9 }, (_, index) => visit(clients[index % 2], { headers: { cookie: 'X=v' } })),
    );
    expect(new Set(later.map(({ servedBy }) => servedBy))).toEqual(new Set([begun.servedBy]));
    expect(later.flatMap(({ response }) => response.setCookies)).toEqual([]);
    expect(await nodes[0]?.pinnedTotal()).toBe(pinnedBefore + 1);
  });

  it('H8: a dedicated load balancer has APP_COOKIE only with compat: 2026', async () => {
    const values = { type: 'APP_COOKIE', cookie_name: 'X', class: 'dedicated' };
    expect(await refusal(nodes, wishes, huawei(values))).toContain(
      'affinity.type: expected SOURCE_IP or HTTP_COOKIE, because dedicated load balancers had no other until compat: 2026',
    );
    expect(await configure(nodes, wishes, huawei({ ...values, compat: 2026 }))).toMatchObject(APPLIED);
    expect(await configure(nodes, wishes, huawei({ type: 'HTTP_COOKIE', class: 'dedicated' }))).toMatchObject(
      APPLIED,
    );
  });

  it('H9: a session whose endpoint fails its health check goes to another', async () => {
    await configure(nodes, wishes, huawei({ type: 'HTTP_COOKIE' }));
    const visitor = new Visitor('one');
    await visitor.visit(clients[0] as HttpClient);
    const home = endpoints.find(({ id }) => id === visitor.lastVisit?.servedBy) as EndpointProcess;
    await home.setHealth(503);
    for (const node of nodes)
      await until('the endpoint is unhealthy', async () => (await node.standingOf(home.id)) === 'down');
    await visitAll([visitor], [...clients, ...clients]);
    expect(visitor.visits.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(visitor.path).toHaveLength(2);
    await home.setHealth(200);
    for (const node of nodes)
      await until('the endpoint is back', async () => (await node.standingOf(home.id)) === 'serving');
  });

  it('H10: turning stickiness off and on fails no request, and sessions are where they were', async () => {
    const sticky = huawei({ type: 'HTTP_COOKIE' });
    await configure(nodes, wishes, sticky);
    const visitors = await welcome(20, clients);
    const homes = pathsOf(visitors);
    let turn = 0;
    const load = inBackground(6, async () => {
      const path = turn++ % 10 === 0 ? '/slow?ms=30' : '/';
      const cookie = `_srv_id=${visitors[turn % 20]?.cookie}`;
      const { status } = await (clients[turn % 2] as HttpClient).send({ path, headers: { cookie } });
      expect(status).toBe(200);
    });
    for (const affinity of [
      { type: 'none' },
      sticky,
      huawei({ type: 'APP_COOKIE', cookie_name: 'X' }),
      sticky,
    ]) {
      expect(await configure(nodes, wishes, affinity)).toMatchObject(APPLIED);
      const before = load.turns;
      await until('requests have come meanwhile', () => load.turns > before + 50);
    }
    await load.stop();
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
  });
});
