import { clusterName, endpointOfPin, type Pin, systemClock, systemRandom } from '@holdfast/shared';
import type { Store } from '@holdfast/store';
import { openRedisStore } from '@holdfast/store/redis';
import type { RedisProcess } from '@holdfast/store/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { dumpRedis } from '../support/redis-dump.ts';
import { openCookie, sealCookie } from '../support/sealed-cookie.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visit, Visitor, visit, visitAll, welcome } from '../support/visitor.ts';

/** Sessions by a header that clients make up, or else by the sealed cookie. */
const SOURCES = [{ type: 'header', name: 'X-Session' }, { type: 'cookie' }];
/** Requests find out that an endpoint is down; probes bring it back, and tell which process it is. */
const HEALTH_CHECK = {
  path: '/healthz',
  interval: '100ms',
  healthyAfter: 1,
  unhealthyAfter: 100,
  incarnation: { header: 'X-Process' },
};

const REPLACED = 'endpoint is another process';

const timesReplaced = ({ events }: HoldfastNode, id: string): number =>
  events.filter(({ msg, endpoint }) => msg === REPLACED && endpoint === id).length;

describe('three nodes with one Redis and four endpoints', () => {
  const stage = useStage('file');
  let redis: RedisProcess;
  let endpoints: readonly EndpointProcess[];
  let nodes: readonly HoldfastNode[];
  let clients: readonly HttpClient[];
  let wishes: NodeWishes;

  beforeAll(async () => {
    redis = await stage().startRedis();
    endpoints = await stage().startEndpoints(4);
    wishes = {
      endpoints: endpoints.map(({ id, url }) => ({ id, url })),
      storeUrl: redis.url,
      store: { commandTimeout: '500ms' },
      pool: { healthCheck: HEALTH_CHECK, affinity: { sources: SOURCES } },
      top: { log: { level: 'debug', access: true } },
    };
    nodes = await stage().startNodes(3, wishes);
    clients = stage().clients();
    await untilAllSay('endpoint says which process it is', endpoints.length);
  });

  /** Waits until every node has logged a message so often. */
  const untilAllSay = (message: string, times: number, about?: string): Promise<unknown> =>
    until(
      `all nodes have logged "${message}"`,
      () =>
        nodes.every(
          ({ events }) =>
            events.filter(({ msg, endpoint }) => msg === message && (about ?? endpoint) === endpoint)
              .length >= times,
        ),
      30_000,
    );

  /** Has endpoints killed, and started again after `meanwhile`; waits until every node knows that they are other processes. */
  async function replace(replaced: readonly EndpointProcess[], meanwhile = async () => {}): Promise<void> {
    const ids = replaced.map(({ id }) => `shop/${id}`);
    const before = ids.map((id) => Math.max(...nodes.map((node) => timesReplaced(node, id))));
    await Promise.all(replaced.map((endpoint) => endpoint.kill()));
    await meanwhile();
    await Promise.all(replaced.map((endpoint) => endpoint.start()));
    for (const [index, id] of ids.entries()) await untilAllSay(REPLACED, (before[index] ?? 0) + 1, id);
    await untilAllSee('serving', ...replaced.map(({ id }) => id));
  }

  const untilAllSee = (standing: string, ...ids: readonly string[]): Promise<unknown> =>
    until(`all nodes see ${ids} ${standing}`, async () => {
      const seen = await Promise.all(nodes.flatMap((node) => ids.map((id) => node.standingOf(id))));
      return seen.every((each) => each === standing);
    });

  const clientAt = (index: number): HttpClient => clients[index % clients.length] as HttpClient;

  /** Requests of one key, so many at once, at one node after the other. */
  const volley = (session: string, count: number): Promise<readonly Visit[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        visit(clientAt(index), { headers: { 'x-session': session } }),
      ),
    );

  const servers = (visits: readonly Visit[]) => new Set(visits.map(({ servedBy }) => servedBy));
  const statuses = (visits: readonly Visit[]) => new Set(visits.map(({ status }) => status));
  const count = (visits: readonly Visit[], wanted: string): number =>
    visits.filter(({ outcome }) => outcome === wanted).length;

  /** The session map, as another node would open it. */
  async function openMap(): Promise<Store> {
    const store = await openRedisStore({
      url: redis.url,
      cluster: clusterName('test'),
      clock: systemClock,
      random: systemRandom(),
      commandTimeoutMs: 5_000,
    });
    onTestFinished(() => store.close());
    return store;
  }

  it('C1: first requests of one key that meet at several nodes make one pin, and all later ones follow it', async () => {
    const pinnedBefore = (await nodes[0]?.pinnedTotal()) ?? 0;
    for (let session = 0; session < 60; session++) {
      const visits = await volley(`c1-${session}`, 6);
      expect(servers(visits).size, `session ${session}`).toBe(1);
      expect(count(visits, 'created'), `session ${session}`).toBe(1);
      const later = await volley(`c1-${session}`, 3);
      expect(servers(later)).toEqual(servers(visits));
    }
    expect(await nodes[0]?.pinnedTotal()).toBe(pinnedBefore + 60);
  });

  it('C2, C3, C4: a session moves once when its endpoint dies, a late refresh changes nothing, and it stays moved', async () => {
    const map = await openMap();
    const visitors = await welcome(40, clients);
    await visitAll(visitors, clients);
    const orphans = visitors.filter(({ path }) => path[0] === 'shop-1');
    expect(orphans.length).toBeGreaterThan(4);
    const keyOf = ({ cookie = '' }: Visitor) => openCookie(cookie)?.key as NonNullable<Pin['root']>;
    const pinOf = async (visitor: Visitor) =>
      (await map.sessions.find(keyOf(visitor), systemClock.now())) as Pin;
    const pinsBefore = await Promise.all(orphans.map(pinOf));

    await endpoints[0]?.kill();
    const volleys = () =>
      Promise.all(
        orphans.map((orphan) =>
          Promise.all(Array.from({ length: 9 }, (_, index) => orphan.visit(clientAt(index)))),
        ),
      );
    const early = await volleys();
    await untilAllSee('down', 'shop-1');
    for (const [index, agreed] of (await volleys()).entries()) {
      const visits = [...(early[index] ?? []), ...agreed];
      expect(statuses(visits)).toEqual(new Set([200]));
      expect(servers(visits).size).toBe(1);
      expect(count(visits, 'repinned')).toBe(1);
    }
    const pins = await Promise.all(orphans.map(pinOf));
    expect(new Set(pins.map(({ version }) => version))).toEqual(new Set([2]));

    const nowMs = systemClock.now();
    const late = orphans.map((orphan, index) => ({
      key: keyOf(orphan),
      endpoint: (pinsBefore[index] as Pin).endpoint,
      version: 1,
      expiresAtMs: nowMs + 12 * 3_600_000,
    }));
    const results = await map.sessions.touch(late, nowMs);
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['moved']));
    expect(await Promise.all(orphans.map(pinOf))).toEqual(pins);

    await endpoints[0]?.start();
    await untilAllSee('serving', 'shop-1');
    const homes = pathsOf(visitors);
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    const newcomers = await welcome(12, clients);
    expect(newcomers.filter(({ path }) => path[0] === 'shop-1').length).toBeGreaterThan(0);
  });

  it('C6: a session stays where it is when every node is killed and started again', async () => {
    const visitors = await welcome(24, clients);
    const homes = pathsOf(visitors);
    await Promise.all(nodes.map((node) => node.restart('SIGKILL')));
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(new Set(visitors.map(({ lastVisit }) => lastVisit?.outcome))).toEqual(new Set(['hit']));
    await untilAllSay('endpoint says which process it is', 2 * endpoints.length);
  });

  it('C8: the sessions of a process are not those of the one that comes to its address after it', async () => {
    const visitors = await welcome(40, clients);
    const heirless = visitors.filter(({ path }) => path[0] === 'shop-2');
    expect(heirless.length).toBeGreaterThan(4);
    const others = visitors.filter((visitor) => !heirless.includes(visitor));
    // Nobody asks meanwhile: no node has a reason to take the endpoint for dead.
    await replace(endpoints.slice(1, 2));
    await visitAll(visitors, clients);
    for (const { path, visits } of heirless) {
      expect(path).toHaveLength(2);
      expect(path[1]).not.toBe('shop-2');
      expect(visits.flatMap(({ moved }) => moved ?? [])).toEqual([
        'from=shop/shop-2; reason=endpoint-replaced',
      ]);
      expect(visits.at(-1)?.version).toBe(2);
    }
    expect(others.filter(({ path }) => path.length > 1)).toEqual([]);
    const newcomers = await welcome(12, clients);
    expect(newcomers.filter(({ path }) => path[0] === 'shop-2').length).toBeGreaterThan(0);
    await visitAll(newcomers, clients);
    expect(newcomers.filter(({ path }) => path.length > 1)).toEqual([]);
  });

  it('C9: with all endpoints down the answer is 503 and every pin is kept', async () => {
    const visitors = await welcome(24, clients);
    const keys = visitors.map(({ cookie = '' }) => openCookie(cookie)?.key);
    const map = await openMap();
    const pins = () =>
      Promise.all(keys.map((key) => map.sessions.find(key as NonNullable<typeof key>, systemClock.now())));
    const places = (found: readonly (Pin | undefined)[]) =>
      found.map((pin) => pin && `${endpointOfPin(pin.endpoint)} ${pin.version}`);
    const before = places(await pins());
    expect(before).not.toContain(undefined);

    await replace(endpoints, async () => {
      await until('all nodes answer 503', async () =>
        (await volley('c9', 3)).every(({ status }) => status === 503),
      );
      await visitAll(visitors, clients);
      expect(statuses(visitors.flatMap(({ visits }) => visits.slice(1)))).toEqual(new Set([503]));
      expect(visitors[0]?.lastVisit?.response.headers['retry-after']).toMatch(/^\d+$/);
      expect(places(await pins())).toEqual(before);
    });
  });

  it('C10: a 5xx answer moves nobody; a refused connection costs one try elsewhere, and a POST that was sent none', async () => {
    const visitor = new Visitor('one');
    await visitor.visit(clientAt(0));
    for (const status of [500, 503])
      expect(await visitor.visit(clientAt(1), { path: `/respond?status=${status}` })).toMatchObject({
        status,
      });
    await visitAll([visitor], clients);
    expect(visitor.path).toHaveLength(1);
    expect(visitor.visits.at(-1)?.version).toBe(1);

    const post = { path: '/reset', method: 'POST', headers: { 'x-unique-id': 'sent' }, body: 'order' };
    expect((await visitor.visit(clientAt(0), post)).status).toBe(502);
    expect(endpoints.reduce((sum, endpoint) => sum + endpoint.timesSeen('sent'), 0)).toBe(1);
    expect((await visitor.visit(clientAt(0))).servedBy).toBe(visitor.path[0]);

    const home = endpoints.find(({ id }) => id === visitor.path[0]) as EndpointProcess;
    await replace([home], async () => {
      const unsent = { path: '/echo', method: 'POST', headers: { 'x-unique-id': 'unsent' }, body: 'order' };
      expect((await visitor.visit(clientAt(0), unsent)).status).toBe(200);
      expect(endpoints.reduce((sum, endpoint) => sum + endpoint.timesSeen('unsent'), 0)).toBe(1);
      await until('the request is logged', () => nodes[0]?.accessLog.some(({ retries }) => retries === 1));
    });
  });

  it('C11: ids of sessions are in no log and nowhere in Redis, and a token that is none names neither session nor endpoint', async () => {
    const raw = 'the-raw-id-of-a-session';
    await volley(raw, 3);
    const visitor = new Visitor('one');
    await visitAll([visitor], clients);
    const { cookie = '' } = visitor;
    const id = openCookie(cookie)?.sessionId.toString('base64url') ?? '';
    await until('all of it is logged', () => nodes.every(({ accessLog }) => accessLog.length >= 2));
    const places = nodes.flatMap((node) => [node.child.lines.join('\n'), JSON.stringify(node.accessLog)]);
    const everything = [...places, await dumpRedis(redis.url)].join('\n');
    expect(everything).toContain('shop/shop-1');
    expect([raw, cookie, id].filter((secret) => everything.includes(secret))).toEqual([]);

    const forged = [
      sealCookie({ secret: 'a secret of somebody else' }),
      sealCookie({ startedAgoMs: 25 * 3_600_000, issuedAgoMs: 25 * 3_600_000 }),
      cookie.replace(/^../, '__'),
      'shop-2',
      '127.0.0.1:80',
    ];
    for (const token of forged) {
      const visits = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          visit(clientAt(index), { headers: { cookie: `_srv_id=${token}` } }),
        ),
      );
      expect(statuses(visits), token).toEqual(new Set([200]));
      expect(count(visits, 'created'), token).toBe(8);
      expect(servers(visits).size, token).toBeGreaterThan(1);
    }
  });

  it('C7: without Redis known sessions stay and new ones go where all nodes compute, unless told to fail', async () => {
    const strict = await stage().startNode({
      ...wishes,
      store: { ...wishes.store, onUnavailable: 'fail' },
    });
    const visitors = await welcome(20, clients);
    const homes = pathsOf(visitors);

    await redis.kill();
    await visitAll(visitors, clients);
    await nodes[1]?.restart('SIGKILL');
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(statuses(visitors.flatMap(({ visits }) => visits))).toEqual(new Set([200]));

    const placesBy = (client: HttpClient) =>
      Promise.all(
        Array.from({ length: 40 }, (_, index) => visit(client, { headers: { 'x-session': `c7-${index}` } })),
      );
    const [first = [], ...others] = await Promise.all(clients.map(placesBy));
    expect(servers(first).size).toBe(4);
    for (const visits of others)
      expect(visits.map(({ servedBy }) => servedBy)).toEqual(first.map(({ servedBy }) => servedBy));
    for (const visits of [first, ...others]) {
      expect(statuses(visits)).toEqual(new Set([200]));
      expect(count(visits, 'fallback')).toBe(40);
    }
    for (const node of nodes) {
      const { store, requests } = await node.status();
      expect(store.state).toBe('unavailable');
      expect(requests.byOutcome.fallback).toBeGreaterThanOrEqual(40);
    }

    const refused = await placesBy(stage().client(strict));
    expect(statuses(refused)).toEqual(new Set([503]));
    expect(refused[0]?.response.body).toContain('STORE_UNAVAILABLE');

    await redis.restart();
    await until('all nodes have their store again', async () => {
      const reports = await Promise.all(nodes.map((node) => node.status()));
      return reports.every(({ store }) => store.state === 'available');
    });
  });

  it('C5: a session lives for its idle timeout from request to request, and never past the absolute one', async () => {
    const affinity = { type: 'cookie', idleTimeout: '2s', absoluteTimeout: '5s' };
    const pool = { ...wishes.pool, affinity };
    for (const node of nodes)
      expect(await node.reload({ ...wishes, pool })).toMatchObject({ outcome: 'applied' });
    const busy = new Visitor('busy');
    const idle = new Visitor('idle');
    const startedAtMs = systemClock.elapsed();
    await Promise.all([busy.visit(clientAt(0)), idle.visit(clientAt(0))]);
    const map = await openMap();
    const idleKey = openCookie(idle.cookie ?? '')?.key as NonNullable<Pin['root']>;

    let idleEndedMs: number | undefined;
    await until('the busy one is a new session', async () => {
      const { outcome } = await busy.visit(clientAt(busy.visits.length));
      const isIdleAlive = (await map.sessions.find(idleKey, systemClock.now())) !== undefined;
      if (!isIdleAlive) idleEndedMs ??= systemClock.elapsed() - startedAtMs;
      return outcome === 'created';
    });
    const livedMs = systemClock.elapsed() - startedAtMs;
    // Seconds are what cookies count in: the end may be told up to one of them early.
    expect(livedMs).toBeGreaterThan(3_990);
    expect(idleEndedMs).toBeGreaterThan(1_990);
    expect(idleEndedMs).toBeLessThan(livedMs);
    expect(busy.visits.slice(1, -1).filter(({ outcome }) => outcome !== 'hit')).toEqual([]);
    expect((await idle.visit(clientAt(1))).outcome).toBe('created');
  });
});
