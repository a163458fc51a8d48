import { beforeEach, describe, expect, it } from 'vitest';
import { useEndpoints } from '../clients/program-endpoint.ts';
import { RoundRobin } from '../clients/round-robin.ts';
import { Member } from '../clients/socketio-member.ts';
import type { ClientRequest, HttpClient } from '../support/http-client.ts';
import type { ConfigPart } from '../support/node-config.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { dumpRedis } from '../support/redis-dump.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { readVisit, type Visit } from '../support/visitor.ts';

/** An answer of the endpoint with these headers. */
const answering = (...headers: readonly string[]): string =>
  `/respond?${headers.map((header) => `header=${encodeURIComponent(header)}`).join('&')}`;

describe('sessions that are known by keys of others, on three nodes and four endpoints', () => {
  const stage = useStage();
  let redisUrl: string;

  beforeEach(async () => {
    redisUrl = (await stage().startRedis()).url;
    await stage().startEndpoints(4);
  });

  /** Clients of three nodes whose pool has that affinity. */
  async function startNodes(affinity: ConfigPart, listener: ConfigPart = {}): Promise<readonly HttpClient[]> {
    await stage().startNodes(3, {
      storeUrl: redisUrl,
      pool: { affinity },
      listener,
      top: { log: { level: 'debug', access: true } },
    });
    return stage().clients();
  }

  const visit = async (client: HttpClient | undefined, request: ClientRequest = {}): Promise<Visit> =>
    readVisit(await (client as HttpClient).send(request), false);

  /** Where a request goes at each of the nodes, twice. */
  const placesOf = async (clients: readonly HttpClient[], request: ClientRequest) =>
    Promise.all([...clients, ...clients].map((client) => visit(client, request)));

  async function killEndpoint(id: string | undefined): Promise<void> {
    await stage()
      .endpoints.find((endpoint) => endpoint.id === id)
      ?.kill();
  }

  /** Everything that the nodes have logged and Redis holds, once all requests are logged. */
  async function traces(requests: number): Promise<string> {
    const { nodes } = stage();
    await until(
      'all requests are logged',
      () => nodes.reduce((sum, { accessLog }) => sum + accessLog.length, 0) >= requests,
    );
    const logged = nodes.flatMap(({ accessLog, events }) => [...accessLog, ...events]);
    return JSON.stringify(logged) + (await dumpRedis(redisUrl));
  }

  it('follow the cookie of an application from its first response through login, death of the endpoint and logout', async () => {
    const clients = await startNodes({ type: 'app-cookie', name: 'SID' });
    const guest = { headers: { cookie: 'theme=dark; SID=the-guest-of-the-test' } };
    const member = { headers: { cookie: 'SID=the-member-of-the-test' } };
    const first = await visit(clients[0], {
      path: answering('Set-Cookie: SID=the-guest-of-the-test; Path=/'),
    });
    const asGuest = await placesOf(clients, guest);
    expect(asGuest.map(({ servedBy }) => servedBy)).toEqual(Array(6).fill(first.servedBy));

    await visit(clients[1], { ...guest, path: answering('Set-Cookie: SID=the-member-of-the-test; Path=/') });
    const asMember = await placesOf(clients, member);
    expect(asMember.map(({ servedBy }) => servedBy)).toEqual(Array(6).fill(first.servedBy));

    await killEndpoint(first.servedBy);
    const moved = [...(await placesOf(clients, member)), ...(await placesOf(clients, guest))];
    expect(moved.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(new Set(moved.map(({ servedBy }) => servedBy)).size).toBe(1);
    expect(moved[0]?.servedBy).not.toBe(first.servedBy);

    await visit(clients[2], { ...member, path: answering('Set-Cookie: SID=; Max-Age=0') });
    // The node that has seen the logout knows it at once, the others when they hear of it.
    expect((await visit(clients[2], member)).outcome).toBe('none');
    await until('all nodes know of the logout', async () => {
      const visits = await placesOf(clients, member);
      return visits.every(({ outcome }) => outcome === 'none');
    });
    expect(await traces(30)).not.toMatch(/the-(?:guest|member)-of-the-test/);
  });

  it('are there for the client that asks another node the moment it has read the response', async () => {
    const clients = await startNodes({ type: 'app-cookie', name: 'SID' });
    const ids = Array.from({ length: 200 }, (_, index) => `session-${index}`);
    const wanderers = await Promise.all(
      ids.map(async (id, index) => {
        const path = answering(`Set-Cookie: SID=${id}`);
        const first = await visit(clients[index % 3], { path });
        const second = await visit(clients[(index + 1) % 3], { headers: { cookie: `SID=${id}` } });
        return second.servedBy === first.servedBy && second.outcome === 'hit' ? [] : [id];
      }),
    );
    expect(wanderers.flat()).toEqual([]);
  });

  it('follow the header of an MCP server from its answer to initialize, and let a server refuse an unknown one', async () => {
    const clients = await startNodes({
      type: 'header',
      name: 'Mcp-Session-Id',
      learn: { header: 'Mcp-Session-Id' },
    });
    const body = '{"jsonrpc":"2.0","id":1,"method":"initialize"}';
    const initialized = await visit(clients[0], {
      method: 'POST',
      path: answering('Mcp-Session-Id: the-session-of-the-test', 'Content-Type: application/json'),
      headers: { 'content-type': 'application/json' },
      body,
    });
    const calls = await placesOf(clients, {
      method: 'POST',
      headers: { 'mcp-session-id': 'the-session-of-the-test' },
      body,
    });
    expect(calls.map(({ servedBy }) => servedBy)).toEqual(Array(6).fill(initialized.servedBy));
    expect(calls.map(({ outcome }) => outcome)).toEqual(Array(6).fill('hit'));

    const unknown = await placesOf(clients, {
      path: '/respond?status=404',
      headers: { 'mcp-session-id': 'a-session-that-nobody-has' },
    });
    expect(unknown.map(({ status, outcome }) => ({ status, outcome }))).toEqual(
      Array(6).fill({ status: 404, outcome: 'none' }),
    );
    expect(new Set(unknown.map(({ servedBy }) => servedBy)).size).toBeGreaterThan(1);
    expect(await traces(13)).not.toMatch(/the-session-of-the-test|a-session-that-nobody-has/);
  });

  it('follow the jsessionid of links and redirects, for clients without cookies', async () => {
    const clients = await startNodes({ type: 'path', learn: { cookie: 'JSESSIONID', location: true } });
    const home = await visit(clients[0], { path: answering('Set-Cookie: JSESSIONID=AB12.node1; Path=/') });
    const redirected = await visit(clients[1], {
      path: `${answering('Location: /cart;jsessionid=CD34?step=2')}&status=302`,
    });
    const linked = await placesOf(clients, { path: '/shop;jsessionid=AB12.node1/cart?x=1' });
    expect(linked.map(({ servedBy }) => servedBy)).toEqual(Array(6).fill(home.servedBy));
    const followed = await placesOf(clients, { path: '/cart;jsessionid=CD34?step=2' });
    expect(followed.map(({ servedBy }) => servedBy)).toEqual(Array(6).fill(redirected.servedBy));
    expect(await traces(14)).not.toMatch(/AB12|CD34/);
  });

  it('follow the address of the client, as a PROXY header tells it', async () => {
    await startNodes(
      { type: 'source-ip', ipv4Prefix: 24 },
      { proxyProtocol: true, trustedProxies: ['127.0.0.1'] },
    );
    const servedBy = async (address: string): Promise<string | undefined> => {
      const places = [];
      for (const { ports } of stage().nodes) {
        const connection = await RawConnection.open(ports.port);
        connection.socket.write(`PROXY TCP4 ${address} 192.0.2.1 51234 80\r\n`);
        connection.send(['GET / HTTP/1.1', 'Host: shop.example']);
        places.push((await connection.untilReceived(/x-served-by: (shop-\d)/i))[1]);
        connection.close();
      }
      expect(new Set(places).size).toBe(1);
      return places[0];
    };
    const homes = [];
    for (let network = 0; network < 8; network++) {
      const home = await servedBy(`198.51.${network}.7`);
      expect(await servedBy(`198.51.${network}.250`)).toBe(home);
      homes.push(home);
    }
    expect(new Set(homes).size).toBe(4);
    await killEndpoint(homes[0]);
    expect(await servedBy('198.51.0.7')).not.toBe(homes[0]);
    expect(await servedBy('198.51.1.7')).toBe(homes[1]);
    expect(await dumpRedis(redisUrl)).not.toContain('198.51');
  });
});

describe('Socket.IO clients that poll and keep no cookies', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('../clients/socketio-endpoint.ts');

  it('stay with the endpoint that has their connection, every request at the next node', async () => {
    const endpoints = await startEndpoints(4);
    const balancer = await RoundRobin.open(
      await stage().startNodes(3, {
        endpoints: endpoints.map(({ address }) => address),
        storeUrl: stage().sqliteUrl(),
        pool: { affinity: { type: 'query', name: 'sid', learn: { body: 'sid' } } },
      }),
    );
    const members = Array.from(
      { length: 40 },
      () => new Member(balancer.origin, { transports: ['polling'] }),
    );
    try {
      await until(
        'every client is connected or failed',
        () => members.every(({ isConnected, troubles }) => isConnected || troubles.length > 0),
        30_000,
      );
      const echoes = await Promise.all(members.map((member) => member.converse(['one', 'two', 'three'])));
      expect(echoes).toEqual(members.map(() => ['one', 'two', 'three']));
      expect(members.flatMap(({ troubles }) => troubles)).toEqual([]);
      expect(members.map(({ answeredBy }) => answeredBy.size)).toEqual(members.map(() => 1));
      expect(new Set(members.flatMap(({ answeredBy }) => [...answeredBy])).size).toBe(4);
    } finally {
      for (const member of members) member.leave();
      balancer.close();
    }
  });
});
