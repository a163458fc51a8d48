import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { ClientRequest, HttpClient } from '../support/http-client.ts';
import type { ConfigPart } from '../support/node-config.ts';
import { okResponse } from '../support/raw-endpoint.ts';
import { untilServing } from '../support/reloading.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { type Visit, visit } from '../support/visitor.ts';
import { placesOf, TwoNodes } from './two-nodes.ts';

const LEARN = 'learn create=$upstream_cookie_sid lookup=$cookie_sid zone=client_sessions:1m';
const APPLIED = { outcome: 'applied' };

/** `max_fails=1`, which nginx has by default, and a `fail_timeout` that a test can wait for. */
const ONE_FAILURE = { consecutiveFailures: 1, ejectionTime: '300ms' };

const nginx = (values: ConfigPart) => ({ profile: 'nginx', ...values });

const withCookie = (cookie: string, path = '/'): ClientRequest => ({ path, headers: { cookie } });

/** An answer of the endpoint that sets `sid` to that value. */
const issuing = (sid: string): string =>
  `/respond?header=${encodeURIComponent(`Set-Cookie: sid=${sid}; Path=/`)}`;

describe('the profile nginx, on two nodes with one Redis and three endpoints', () => {
  const world = new TwoNodes({ affinity: nginx({ sticky: LEARN }) });

  afterEach(async () => {
    await Promise.all(world.endpoints.map(async (endpoint) => endpoint.child.hasExited && endpoint.start()));
  });

  /** What nginx calls an endpoint that has no `route`. */
  const md5Of = (id: string | undefined): string =>
    createHash('md5')
      .update(`127.0.0.1:${world.endpointOf(id).port}`)
      .digest('hex');

  it('N1, N2: every response sets the cookie with what the directive says and nothing else, and the MD5 of the address', async () => {
    const sticky = 'cookie srv_id expires=1h domain=.example.com path=/';
    expect(await world.configure({ affinity: nginx({ sticky }) })).toMatchObject(APPLIED);
    const first = await visit(world.one);
    const jar = withCookie(`srv_id=${md5Of(first.servedBy)}`);
    const followed = await world.visits(jar);
    expect(placesOf(followed)).toEqual(Array(6).fill(first.servedBy));
    for (const { response, servedBy } of [first, ...followed]) {
      const [, value, expires = '', rest] =
        /^srv_id=(\w+); expires=([^;]+); (.*)$/.exec(response.setCookies.join()) ?? [];
      expect(value).toBe(md5Of(servedBy));
      expect(rest).toBe('max-age=3600; domain=.example.com; path=/');
      const secondsLeft = (Date.parse(expires) - Date.parse(response.headers.date ?? '')) / 1_000;
      expect(Math.abs(secondsLeft - 3_600)).toBeLessThan(30);
      expect(response.headers['cache-control']).toBeUndefined();
    }
  });

  it('N1: without expires the cookie ends with the browser, and flags stand in the order of nginx', async () => {
    await world.configure({ affinity: nginx({ sticky: 'cookie srv_id' }) });
    const { servedBy, response } = await visit(world.one);
    expect(response.setCookies).toEqual([`srv_id=${md5Of(servedBy)}`]);
    await world.configure({
      affinity: nginx({ sticky: 'cookie srv_id path=/shop samesite=strict secure httponly' }),
    });
    const flagged = await visit(world.one, withCookie(`srv_id=${md5Of(servedBy)}`));
    expect(flagged.response.setCookies[0]?.toLowerCase()).toBe(
      `srv_id=${md5Of(servedBy)}; httponly; secure; samesite=strict; path=/shop`,
    );
  });

  it('N2, N3: a route is the value as it is; one that no endpoint has is balanced and overwritten', async () => {
    await world.configure({ affinity: nginx({ sticky: 'cookie srv_id' }) }, { endpoints: world.labelled });
    const routes = new Map(world.labelled.map(({ id, label }) => [id, label]));
    for (const [id, route] of routes) {
      const followed = await world.visits(withCookie(`srv_id=${route}`));
      expect(placesOf(followed)).toEqual(Array(6).fill(id));
      expect(followed.map(({ response }) => response.setCookies)).toEqual(Array(6).fill([`srv_id=${route}`]));
    }
    for (const unknown of ['A', 'z', '', md5Of('shop-1')]) {
      const strays = await world.visits(withCookie(`srv_id=${unknown}`), 6);
      expect(new Set(placesOf(strays)).size).toBe(3);
      expect(strays.map(({ response }) => response.setCookies[0])).toEqual(
        placesOf(strays).map((id) => `srv_id=${routes.get(id as string)}`),
      );
    }
  });

  it('N4: of the variables of a route the first that is not empty counts, and no response sets a cookie', async () => {
    const sticky = 'route $cookie_route $arg_route';
    await world.configure({ affinity: nginx({ sticky }) }, { endpoints: world.labelled });
    const both = await world.visits({ path: '/?route=b', headers: { cookie: 'route=a' } });
    expect(placesOf(both)).toEqual(Array(6).fill('shop-1'));
    const second = await world.visits({ path: '/?route=b', headers: { cookie: 'route=' } });
    expect(placesOf(second)).toEqual(Array(6).fill('shop-2'));
    const neither = await world.visits({}, 6);
    expect(new Set(placesOf(neither)).size).toBe(3);
    expect([...both, ...second, ...neither].flatMap(({ response }) => response.setCookies)).toEqual([]);
  });

  it('N4: a route whose endpoint is down goes elsewhere, and returns with it, because the application names it', async () => {
    const pool = { affinity: nginx({ sticky: 'route $cookie_route' }), outlierDetection: ONE_FAILURE };
    await world.configure(pool, { endpoints: world.labelled });
    await world.endpointOf('shop-2').kill();
    const elsewhere = await world.visits(withCookie('route=b'));
    expect(elsewhere.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(placesOf(elsewhere)).not.toContain('shop-2');
    await world.endpointOf('shop-2').start();
    await untilServing(world.nodes, 'shop-2');
    expect(placesOf(await world.visits(withCookie('route=b')))).toEqual(Array(6).fill('shop-2'));
  });

  it('N7: a drained endpoint serves the clients that name it and none of twelve others', async () => {
    const endpoints = world.labelled.map((each) => (each.label === 'a' ? { ...each, weight: 0 } : each));
    await world.configure({ affinity: nginx({ sticky: 'cookie sticky' }) }, { endpoints });
    expect(placesOf(await world.visits(withCookie('sticky=a'), 2))).toEqual(Array(4).fill('shop-1'));
    expect(placesOf(await world.visits({}, 6))).not.toContain('shop-1');
    await world.configure(
      { affinity: nginx({ sticky: 'cookie sticky' }) },
      { endpoints: endpoints.slice(0, 1) },
    );
    expect(placesOf(await world.visits(withCookie('sticky=a'), 2))).toEqual(Array(4).fill('shop-1'));
  });

  it('N5: a session is learnt from the response that creates it, for every node, and nothing from any other', async () => {
    await world.configure({ affinity: nginx({ sticky: LEARN }) });
    const before = await world.nodes[0].pinnedTotal();
    expect((await world.visits(withCookie('sid=made-up'))).map(({ outcome }) => outcome)).toEqual(
      Array(6).fill('none'),
    );
    expect((await world.visits({})).map(({ outcome }) => outcome)).toEqual(Array(6).fill('none'));
    expect(await world.nodes[0].pinnedTotal()).toBe(before);

    const created = await visit(world.one, { path: issuing('learnt') });
    const followed = await world.visits(withCookie('sid=learnt'));
    expect(placesOf(followed)).toEqual(Array(6).fill(created.servedBy));
    expect(await world.nodes[0].pinnedTotal()).toBe(before + 1);
    expect((await visit(world.two, withCookie('sid=LEARNT'))).outcome).toBe('none');
  });

  it('N5: a session moves to the endpoint that has served it instead, once for both nodes, and does not return', async () => {
    await world.configure({ affinity: nginx({ sticky: LEARN }), outlierDetection: ONE_FAILURE });
    const home = (await visit(world.one, { path: issuing('moving') })).servedBy;
    await world.endpointOf(home).kill();
    const moved = await world.visits(withCookie('sid=moving'));
    expect(moved.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(new Set(placesOf(moved)).size).toBe(1);
    expect(moved.filter(({ outcome }) => outcome === 'repinned')).toHaveLength(1);
    await world.endpointOf(home).start();
    await untilServing(world.nodes, home as string);
    expect(placesOf(await world.visits(withCookie('sid=moving')))).toEqual(placesOf(moved));
  });

  it('N7: a drained endpoint keeps the sessions that were learnt there, and gets none of twelve requests without one', async () => {
    const pool = { affinity: nginx({ sticky: LEARN }) };
    await world.configure(pool);
    const home = (await visit(world.one, { path: issuing('drained') })).servedBy;
    const draining = world.wishes.endpoints.map((each) => (each.id === home ? { ...each, weight: 0 } : each));
    expect(await world.configure(pool, { endpoints: draining })).toMatchObject(APPLIED);
    expect(placesOf(await world.visits(withCookie('sid=drained'), 2))).toEqual(Array(4).fill(home));
    expect(placesOf(await world.visits({}, 6))).not.toContain(home);

    const alone = draining.filter(({ id }) => id === home);
    await world.configure(pool, { endpoints: alone });
    expect(placesOf(await world.visits(withCookie('sid=drained'), 2))).toEqual(Array(4).fill(home));
  });

  it('N8: with max_fails=1 a failed request has its session moved, where it stays when fail_timeout is over', async () => {
    await world.configure({ affinity: nginx({ sticky: LEARN }), outlierDetection: ONE_FAILURE });
    const home = (await visit(world.one, { path: issuing('failing') })).servedBy;
    const failing = withCookie('sid=failing', `/reset?only=${home}`);
    const failed = await visit(world.one, failing);
    expect([failed.status, failed.outcome]).toEqual([200, 'repinned']);
    await untilServing(world.nodes, home as string);
    const after = await world.visits(withCookie('sid=failing'));
    expect(placesOf(after)).toEqual(Array(6).fill(failed.servedBy));
    expect(failed.servedBy).not.toBe(home);
  });

  /** What a client gets while the endpoint that it was at has all the requests that it may have, one of them its own. */
  async function visitWhileBusy(home: string | undefined, cookie: string): Promise<Visit> {
    const held = visit(world.one, withCookie(cookie, '/gate'));
    await until('the endpoint is busy', async () =>
      (await world.nodes[0].status()).pools[0]?.endpoints.some(({ inFlight }) => inFlight === 1),
    );
    const found = await visit(world.one, withCookie(cookie));
    await world.endpointOf(home).openGate();
    expect((await held).servedBy).toBe(home);
    return found;
  }

  it('N8: with max_conns reached a session that was learnt moves to an endpoint that has room, and stays there', async () => {
    await world.configure({ affinity: nginx({ sticky: LEARN }), maxConnections: 1 });
    const home = (await visit(world.one, { path: issuing('busy') })).servedBy;
    const moved = await visitWhileBusy(home, 'sid=busy');
    expect([moved.outcome, moved.moved]).toEqual(['repinned', `from=shop/${home}; reason=endpoint-busy`]);
    expect(moved.servedBy).not.toBe(home);
    expect(placesOf(await world.visits(withCookie('sid=busy')))).toEqual(Array(6).fill(moved.servedBy));
  });

  it('N8: with max_conns reached the cookie names another endpoint from then on', async () => {
    await world.configure({ affinity: nginx({ sticky: 'cookie srv_id' }), maxConnections: 1 });
    const home = (await visit(world.one)).servedBy;
    const moved = await visitWhileBusy(home, `srv_id=${md5Of(home)}`);
    expect(moved.moved).toBe(`from=shop/${home}; reason=endpoint-busy`);
    expect(moved.servedBy).not.toBe(home);
    expect(moved.response.setCookies).toEqual([`srv_id=${md5Of(moved.servedBy)}`]);
  });

  it('N9: learned sessions outlive a reload, as in nginx, and the restart of every node', async () => {
    await world.configure({ affinity: nginx({ sticky: LEARN }) });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const homes = new Map<string, string | undefined>();
    for (const id of ids) homes.set(id, (await visit(world.one, { path: issuing(id) })).servedBy);
    expect(new Set(homes.values()).size).toBe(3);
    const wanderers = async () => {
      const found = await Promise.all(
        ids.map(async (id) => ({ id, places: placesOf(await world.visits(withCookie(`sid=${id}`), 1)) })),
      );
      return found.filter(({ id, places }) => places.some((place) => place !== homes.get(id)));
    };
    expect(await world.configure({ affinity: nginx({ sticky: LEARN }), maxQueue: 7 })).toMatchObject(APPLIED);
    expect(await wanderers()).toEqual([]);
    await Promise.all(world.nodes.map((node) => node.restart('SIGKILL')));
    expect(await wanderers()).toEqual([]);
  });

  it('N5, N9: a session slides by its timeout while it is used, and ends on time when it is not, reloads or not', async () => {
    const pool = { affinity: nginx({ sticky: `${LEARN} timeout=1500ms` }) };
    await world.configure(pool);
    const first = world.nodes[0];
    const { servedBy } = await visit(world.one, { path: issuing('sliding') });
    const startedAtMs = performance.now();
    const seen = new Set<unknown>();
    await until('twice the timeout is over', async () => {
      const { servedBy: place, outcome } = await visit(world.two, withCookie('sid=sliding'));
      seen.add(`${place} ${outcome}`);
      return performance.now() - startedAtMs > 3_200;
    });
    expect([...seen]).toEqual([`${servedBy} hit`]);
    expect(await world.configure({ ...pool, maxQueue: 5 })).toMatchObject(APPLIED);
    const pinned = await first.pinnedTotal();
    await until('the session is forgotten', async () => (await first.pinnedTotal()) < pinned);
    expect((await world.visits(withCookie('sid=sliding'))).map(({ outcome }) => outcome)).toEqual(
      Array(6).fill('none'),
    );
  });

  it('N10: ip_hash keeps the neighbours of an IPv4 network together, and takes an IPv6 address as a whole', async () => {
    await world.configure({ affinity: nginx({ ip_hash: true }) });
    const from = (address: string): ClientRequest => ({ headers: { 'x-forwarded-for': address } });
    const homes = [];
    for (let network = 0; network < 24; network++) {
      const places = new Set([
        ...placesOf(await world.visits(from(`198.51.${network}.1`), 1)),
        ...placesOf(await world.visits(from(`198.51.${network}.254`), 1)),
      ]);
      expect(places.size).toBe(1);
      homes.push(...places);
    }
    expect(new Set(homes).size).toBe(3);
    const hosts = Array.from({ length: 24 }, (_, host) => from(`2001:db8::${host + 1}`));
    const whole = await Promise.all(hosts.map(async (host) => placesOf(await world.visits(host, 1))));
    expect(whole.every((places) => new Set(places).size === 1)).toBe(true);
    expect(new Set(whole.flat()).size).toBe(3);
  });

  it('N10: hash of the address is consistent: of three endpoints that lose one, two keep all of their clients', async () => {
    await world.configure({ affinity: nginx({ hash: '$remote_addr consistent' }) });
    const hosts = Array.from({ length: 24 }, (_, host) => `198.51.100.${host + 1}`);
    const homesOf = async (client: HttpClient) =>
      placesOf(
        await Promise.all(hosts.map((host) => visit(client, { headers: { 'x-forwarded-for': host } }))),
      );
    const before = await homesOf(world.one);
    expect(new Set(before).size).toBe(3);
    expect(await homesOf(world.two)).toEqual(before);
    await world.configure(
      { affinity: nginx({ hash: '$remote_addr consistent' }) },
      { endpoints: world.wishes.endpoints.slice(1) },
    );
    const after = await homesOf(world.one);
    expect(await homesOf(world.two)).toEqual(after);
    expect(after.filter((home, index) => home !== before[index] && before[index] !== 'shop-1')).toEqual([]);
  });

  it.each([
    ['learn', 'invalid number of arguments in "sticky" directive'],
    ['learn create=$upstream_cookie_a zone=z:1m', '"lookup" parameter is not specified'],
    ['learn lookup=$cookie_a zone=z:1m', '"create" parameter is not specified'],
    ['learn create=$upstream_cookie_a lookup=$cookie_a', '"zone" parameter is not specified'],
    [`${LEARN} timeout=0`, 'invalid timeout'],
    [`${LEARN} timeout=1m timeout=2m`, 'duplicate timeout'],
    ['learn create=$upstream_cookie_a lookup=$cookie_a zone=z:31k', 'zone is too small'],
    [`${LEARN} zone=z:1m`, 'duplicate zone'],
    ['learn create=sid lookup=$cookie_a zone=z:1m', 'missing variable in the "create" parameter'],
    [`${LEARN} sync`, 'unknown parameter "sync"'],
    [`sticky ${LEARN}; sticky cookie srv_id;`, '"sticky" directive is duplicate'],
    ['cookie srv_id expires=never', 'invalid "expires" parameter value'],
    ['route a', 'invalid variable name "a"'],
  ])('N6: "sticky %s" is refused in the words of nginx', async (sticky, says) => {
    const { outcome, problems = [] } = await world.configure({ affinity: nginx({ sticky }) });
    expect(outcome).toBe('refused');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`pools[0].affinity.sticky: `);
    expect(problems[0]).toContain(says);
  });

  it('N6: two upstreams with one zone are refused in the words of nginx', async () => {
    const affinity = nginx({ sticky: LEARN });
    const pools = ['shop', 'api'].map((name) => ({ name, endpoints: world.wishes.endpoints, affinity }));
    const { outcome, problems = [] } = await world.configure({}, { top: { pools } });
    expect(outcome).toBe('refused');
    expect(problems.join()).toContain(
      'pools[1].affinity.sticky: expected a zone of its own, found one of which nginx says: sticky zone "client_sessions" is already used in upstream "shop"',
    );
  });
});

describe('the profile nginx, at an endpoint that breaks off', () => {
  const stage = useStage();
  const HEADER = 'learn create=$upstream_http_x_id lookup=$http_x_id zone=ids:64k header';

  const breaking = () =>
    stage().startRawEndpoint(({ target, connection }) => {
      if (target === '/broken') {
        connection.say('HTTP/1.1 200 OK\r\nX-Id: lost\r\nX-Id');
        connection.socket.end();
      } else if (target === '/open')
        connection.say('HTTP/1.1 200 OK\r\nX-Id: open\r\nContent-Length: 10\r\n\r\nhalf ');
      else connection.say(okResponse('raw'));
    });

  it('N5: nothing is stored of an attempt that failed, whatever another endpoint answers afterwards', async () => {
    const raw = await breaking();
    await stage().startEndpoints(1);
    const node = await stage().startNode({ pool: { affinity: nginx({ sticky: HEADER }) } });
    const client = stage().client(node);
    await until('the raw endpoint was asked', async () => {
      expect((await visit(client, { path: '/broken' })).status).toBe(200);
      return raw.timesReceived('GET /broken') > 0;
    });
    const { outcome } = await visit(client, { headers: { 'x-id': 'lost' } });
    expect([outcome, await node.pinnedTotal()]).toEqual(['none', 0]);
  });

  it('N5: with header a session is known before the body of the response that creates it has ended', async () => {
    await breaking();
    const [one, two] = await stage().startNodes(2, {
      storeUrl: stage().sqliteUrl(),
      pool: { affinity: nginx({ sticky: HEADER }) },
    });
    const endless = stage().client(one as HoldfastNode);
    const unfinished = endless.send({ path: '/open' }).catch(() => 'broken off');
    const client = stage().client(two as HoldfastNode);
    await until(
      'the session is known at the other node',
      async () => (await visit(client, { headers: { 'x-id': 'open' } })).outcome === 'hit',
    );
    await endless.close();
    expect(await unfinished).toBe('broken off');
  });
});
