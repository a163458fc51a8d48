import { readdir } from 'node:fs/promises';
import { freePort } from '@holdfast/store/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { LiveSocket } from '../clients/live-socket.ts';
import type { HttpClient } from '../support/http-client.ts';
import { KeptConnection } from '../support/kept-connection.ts';
import { type NodeWishes, SECRET } from '../support/node-config.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { wishesFor, withPools } from '../support/reloading.ts';
import { openCookie } from '../support/sealed-cookie.ts';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';
import { type BackgroundWork, inBackground } from '../support/workers.ts';

const NEW_SECRET = 'another secret, as long as the first';
const APPLIED = { outcome: 'applied' };

const stage = useStage();

/** What a node is told that has the endpoints of these numbers, from 1. */
const wishes = (numbers: readonly number[], more: Partial<NodeWishes> = {}): NodeWishes =>
  wishesFor(stage(), numbers, more);

/** Visitors who come again and again; stopping rejects if one of them was not served. */
function visits(visitors: readonly Visitor[], client: HttpClient): BackgroundWork {
  const random = testRandom('reload');
  return inBackground(8, async () => {
    const path = random.unit() < 0.1 ? '/slow?ms=50' : '/';
    const { status } = await pick(random, visitors).visit(client, { path });
    expect(status).toBe(200);
  });
}

function someMore(load: BackgroundWork): Promise<unknown> {
  const before = load.turns;
  return until('visitors have come again', () => load.turns > before + 100);
}

/** An endpoint that speaks WebSocket and sends back what comes. */
async function liveEndpoint(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket: WebSocket) => socket.on('message', (data) => socket.send(`${data}`)));
  onTestFinished(() => void server.close());
  await until('the endpoint listens', () => server.address() !== null);
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('a reload under load', () => {
  it('takes endpoints in and out: no request fails, nobody else moves, and pins wait for their endpoint', async () => {
    await stage().startEndpoints(3);
    const live = { name: 'live', endpoints: [{ id: 'live', url: await liveEndpoint() }] };
    const routes = [{ pool: 'shop' }, { match: { path: '/live' }, pool: 'live' }];
    const shaped = (...numbers: number[]): NodeWishes =>
      withPools(wishes(numbers, { listener: { routes, pool: undefined } }), live);
    const node = await stage().startNode(shaped(1, 2));
    const client = stage().client(node);
    const visitors = await welcome(30, [client]);
    const atHome = (id: string) => visitors.filter(({ path }) => path[0] === id);
    const socket = await LiveSocket.open(node.origin, '/live');
    onTestFinished(() => socket.socket.terminate());
    const kept = await KeptConnection.open(node.ports.port);
    const slow = await KeptConnection.open(node.ports.port);
    const load = visits(visitors, client);

    expect(await node.reload(shaped(1, 2, 3))).toMatchObject({
      ...APPLIED,
      changes: { endpoints: { added: ['shop/shop-3'], removed: [], changed: [] } },
    });
    const newcomers = await welcome(9, [client]);
    expect(newcomers.filter(({ path }) => path[0] === 'shop-3')).toHaveLength(3);
    await visitAll(newcomers, [client]);
    expect(newcomers.map(({ path }) => path.length)).toEqual(Array(9).fill(1));
    expect(await kept.ask()).toContain('200 OK');

    slow.send('/slow?ms=2000', `Cookie: _srv_id=${atHome('shop-1')[0]?.cookie}`, 'X-Unique-Id: slow');
    await until('it is at the endpoint', () => stage().endpoints[0]?.timesSeen('slow') === 1);
    expect(await node.reload(shaped(2, 3))).toMatchObject(APPLIED);
    const meanwhile = await Promise.all(atHome('shop-1').map((visitor) => visitor.visit(client)));
    expect(new Set(meanwhile.map(({ servedBy }) => servedBy))).toEqual(new Set(['shop-2', 'shop-3']));
    expect(await slow.answer()).toMatch(/200 OK[\s\S]*slow\n/);
    await someMore(load);
    expect(await kept.ask()).toContain('200 OK');

    expect(await node.reload(shaped(1, 2, 3))).toMatchObject(APPLIED);
    await someMore(load);
    await load.stop();
    await visitAll(visitors, [client]);
    expect(visitors.filter(({ path }) => path[0] !== path.at(-1)).map(({ path }) => path)).toEqual([]);
    expect(pathsOf(atHome('shop-2'))).toEqual(
      Object.fromEntries(atHome('shop-2').map(({ name }) => [name, 'shop-2'])),
    );
    expect(await socket.echo('still here')).toBe('still here');
    expect(await kept.ask()).toContain('200 OK');
  });

  it.each(['wire', 'node'])(
    'sends the next request of an open connection by the new routes, to a pool that was not there: server %s',
    async (server) => {
      await stage().startEndpoints(2);
      const node = await stage().startNode(wishes([1], { listener: { server } }));
      const visitors = await welcome(5, stage().clients());
      const load = visits(visitors, stage().client(node));
      const kept = await KeptConnection.open(node.ports.port);
      expect(await kept.ask('/api/x')).toMatch(/x-served-by: shop-1/i);

      const routes = [{ pool: 'shop' }, { match: { path: '/api' }, pool: 'api' }];
      const base = wishes([1], { listener: { server, routes, pool: undefined } });
      const api = { name: 'api', endpoints: wishes([2]).endpoints };
      expect(await node.reload(withPools(base, api))).toMatchObject({
        changes: { pools: { added: ['api'] }, listeners: { changed: ['web'] } },
      });
      expect(await kept.ask('/api/x')).toMatch(/x-served-by: shop-2/i);
      expect(await kept.ask('/')).toMatch(/x-served-by: shop-1/i);

      expect(await node.reload(wishes([1], { listener: { server } }))).toMatchObject({
        changes: { pools: { removed: ['api'] } },
      });
      expect(await kept.ask('/api/x')).toMatch(/x-served-by: shop-1/i);
      await load.stop();
      expect((await node.status()).pools.map(({ name }) => name)).toEqual(['shop']);
    },
  );

  it('opens the new address of a listener before the old one leaves, which it does as at a shutdown', async () => {
    await stage().startEndpoints(1);
    const top = { shutdown: { delay: '3s', deadline: '5s' } };
    const node = await stage().startNode(wishes([1], { top }));
    const visitors = await welcome(5, stage().clients());
    const load = visits(visitors, stage().client(node));
    const kept = await KeptConnection.open(node.ports.port);
    await kept.ask();

    const port = await freePort();
    expect(await node.reload(wishes([1], { top, listener: { listen: `127.0.0.1:${port}` } }))).toMatchObject(
      APPLIED,
    );
    expect(await kept.ask()).toMatch(/Connection: close/i);
    await load.stop();
    const moved = visits(visitors, stage().client(`http://127.0.0.1:${port}`));
    await someMore(moved);
    await until('the old address is given up', async () => {
      const attempt = await RawConnection.open(node.ports.port).catch(() => undefined);
      attempt?.close();
      return attempt === undefined;
    });
    await moved.stop();
    expect(new Set(visitors.flatMap(({ path }) => path))).toEqual(new Set(['shop-1']));
  });

  it('rotates secrets: every session stays, and gets a cookie under the new one', async () => {
    await stage().startEndpoints(2);
    const node = await stage().startNode(wishes([1, 2], { secrets: [SECRET] }));
    const client = stage().client(node);
    const visitors = await welcome(20, [client]);
    const homes = pathsOf(visitors);
    const load = visits(visitors, client);
    for (const secrets of [[NEW_SECRET, SECRET], [NEW_SECRET]]) {
      expect(await node.reload(wishes([1, 2], { secrets }))).toMatchObject({
        changes: { settings: ['secrets'] },
      });
      await visitAll(visitors, [client]);
      // A visit that was on its way meanwhile has the cookie of before: it must be there before its secret goes.
      await someMore(load);
    }
    await load.stop();
    expect(pathsOf(visitors)).toEqual(homes);
    expect(visitors.filter(({ cookie = '' }) => openCookie(cookie, NEW_SECRET) === undefined)).toEqual([]);
    expect((await node.status()).requests.byOutcome).toMatchObject({ created: 20, fallback: 0 });
  });

  it('keeps pins through a change of affinity that leaves the source of the key as it is', async () => {
    await stage().startEndpoints(2);
    const node = await stage().startNode(wishes([1, 2]));
    const client = stage().client(node);
    const visitors = await welcome(10, [client]);
    const homes = pathsOf(visitors);
    const affinity = { idleTimeout: '5m', cookie: { sameSite: 'Strict' }, onEndpointDown: 'fail' };
    expect(await node.reload(wishes([1, 2], { affinity }))).toMatchObject({
      changes: { pools: { changed: ['shop'] } },
    });
    await visitAll(visitors, [client]);
    expect(pathsOf(visitors)).toEqual(homes);
  });

  it('leaves nothing behind, however often it is done', async () => {
    await stage().startEndpoints(3);
    const node = await stage().startNode(wishes([1, 2]));
    const descriptors = async () => (await readdir(`/proc/${node.child.pid}/fd`)).length;
    const ports = await Promise.all([freePort(), freePort()]);
    const shaped = (round: number): NodeWishes => {
      const pool = { timeouts: { idle: `${30 + round}s` } };
      const web = { name: 'web', listen: `127.0.0.1:${node.ports.port}`, pool: 'shop', debugHeaders: true };
      const other = { name: 'other', listen: `127.0.0.1:${ports[round % 2]}`, pool: 'shop' };
      return wishes(round % 2 === 0 ? [1, 2] : [2, 3], { pool, top: { listeners: [web, other] } });
    };
    await node.reload(shaped(0));
    const before = await descriptors();
    const client = stage().client(node, 8);
    const load = visits(await welcome(10, [client]), client);
    for (let round = 1; round <= 20; round++) {
      expect(await node.reload(shaped(round))).toMatchObject(APPLIED);
      const { turns } = load;
      await until('somebody has come', () => load.turns > turns);
    }
    await load.stop();
    await client.close();
    // Connections that are kept to endpoints end by themselves after four seconds.
    await until('all descriptors are closed', async () => (await descriptors()) <= before, 15_000);
  });
});
