import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { upgradeRequest } from '../clients/live-socket.ts';
import { HoldfastNode } from '../support/holdfast-node.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { rawRequest } from '../support/raw-request.ts';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';
import { isAlive, supervisedStatus, untilWorkers } from '../support/supervised-node.ts';
import { until } from '../support/until.ts';
import { pathsOf, welcome } from '../support/visitor.ts';
import { type BackgroundWork, inBackground } from '../support/workers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPLACED = 'upgrade: every worker has been replaced';
const REQUEST = ['GET / HTTP/1.1', 'Host: shop.test'];

const stage = useStage();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** What a node of two workers is told. */
const withWorkers = (wishes: Partial<NodeWishes> = {}): NodeWishes => ({
  endpoints: stage().endpoints.map(({ id, url }) => ({ id, url })),
  storeUrl: stage().sqliteUrl(),
  ...wishes,
  top: { workers: 2, shutdown: { delay: '0s', deadline: '10s' }, ...wishes.top },
});

/** A node of two workers with all endpoints of the stage. */
async function startNode(wishes: Partial<NodeWishes> = {}): Promise<HoldfastNode> {
  const node = await stage().startNode(withWorkers(wishes));
  await untilWorkers(node, 2);
  return node;
}

/** The same, of the release that lies in a directory. */
async function startRelease(release: string): Promise<HoldfastNode> {
  const main = join(release, 'packages/proxy/src/main.ts');
  const program = join(release, 'run.ts');
  const args = `${JSON.stringify(main)}, 'run', '-c', process.argv[2]`;
  await writeFile(program, `process.argv.splice(1, 2, ${args}); await import(${JSON.stringify(main)});`);
  const node = await HoldfastNode.create('node-1', stage().dir, withWorkers(), program);
  stage().nodes.push(node);
  await node.start();
  await untilWorkers(node, 2);
  return node;
}

/** The address at which a server of the test answers, until the test is over. */
async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await until('the endpoint listens', () => server.listening);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Clients that connect, ask once and are gone. Stopping it rejects if one of them was refused or not answered. */
const newClients = (node: HoldfastNode, concurrency = 4): BackgroundWork =>
  inBackground(concurrency, async () => {
    const { status } = await rawRequest(node.ports.port, [...REQUEST, 'Connection: close']);
    expect(status).toBe(200);
  });

/** A connection of its own that has been served once, and is kept. */
async function keptConnection(node: HoldfastNode): Promise<RawConnection> {
  const connection = await RawConnection.open(node.ports.port);
  closers.push(() => connection.close());
  await ask(connection);
  return connection;
}

const answers = ({ received }: RawConnection): number => received.split('HTTP/1.1 200').length - 1;

/** Whether one more request is answered on the connection. */
async function ask(connection: RawConnection): Promise<boolean> {
  const before = answers(connection);
  connection.send(REQUEST);
  await until('an answer comes', () => connection.isEnded || answers(connection) > before);
  return answers(connection) > before;
}

/** Messages of the node's log. */
const messages = (node: HoldfastNode): readonly unknown[] => node.events.map(({ msg }) => msg);

describe('workers', () => {
  it('share the work, and the sessions: whichever of them a visitor meets, the session stays where it is', async () => {
    await stage().startEndpoints(3);
    const node = await startNode();
    const clients = [stage().client(node, 1)];
    const visitors = await welcome(24, clients);
    // Whose connection it is, the system decides; one after the other, they come to both.
    await until('both have served', async () => {
      const client = stage().client(node, 1);
      clients.push(client);
      for (const visitor of visitors) await visitor.visit(client);
      const { workers } = await supervisedStatus(node);
      return clients.length > 8 && workers.every(({ requests }) => requests > 0);
    });

    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(visitors.map(({ path }) => path.length)).toEqual(visitors.map(() => 1));
    expect(new Set(visitors.flatMap(({ visits }) => visits.map(({ node: id }) => id)))).toEqual(
      new Set(['node-1']),
    );
    const { requests, workers, pinned, listeners } = await supervisedStatus(node);
    expect(requests.requests).toBe(24 * clients.length);
    expect(workers.reduce((sum, { requests: own }) => sum + own, 0)).toBe(24 * clients.length);
    expect(listeners[0]?.openConnections).toBe(clients.length);
    expect(Object.values(pinned ?? {}).reduce((sum, count) => sum + count, 0)).toBe(24);
    expect(node.events.filter(({ msg }) => msg === 'listening')).toHaveLength(1);
    await until('every request has its line', () => node.accessLog.length === 24 * clients.length);
  });

  it('are replaced when they are killed, without a client that is refused, or a request of another worker that fails', async () => {
    await stage().startEndpoints(2);
    const node = await startNode();
    const before = await untilWorkers(node, 2);
    const kept: RawConnection[] = [];
    const [victim, survivor] = await until('both have connections', async () => {
      kept.push(await keptConnection(node));
      const { workers } = await supervisedStatus(node);
      return kept.length >= 16 && workers.every(({ openConnections }) => openConnections > 0) && workers;
    });

    // Who had connected to the victim already may be cut off; nobody may be refused.
    const refused: unknown[] = [];
    const load = inBackground(4, () =>
      rawRequest(node.ports.port, [...REQUEST, 'Connection: close']).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') refused.push(error);
      }),
    );
    process.kill(victim!.pid, 'SIGKILL');
    await until('its connections are cut off', () => kept.some(({ isEnded }) => isEnded));
    const after = await untilWorkers(node, 2);
    await load.stop();

    expect(refused).toEqual([]);
    expect(after).not.toContain(victim!.pid);
    expect(after.filter((pid) => before.includes(pid))).toEqual([survivor!.pid]);
    const left = kept.filter(({ isEnded }) => !isEnded);
    expect(left).toHaveLength(survivor!.openConnections);
    expect(await Promise.all(left.map(ask))).toEqual(left.map(() => true));
    const clients = newClients(node);
    await until('the new worker serves too', async () =>
      (await supervisedStatus(node)).workers.every(({ requests }) => requests > 0),
    );
    await clients.stop();
  });

  it('are all killed at once, and still no client is refused', async () => {
    await stage().startEndpoints(1);
    const node = await startNode();
    for (const pid of await untilWorkers(node, 2)) process.kill(pid, 'SIGKILL');
    await until('they are gone', () => messages(node).filter((msg) => msg === 'worker is gone').length === 2);
    const { status } = await rawRequest(node.ports.port, [...REQUEST, 'Connection: close']);
    expect(status).toBe(200);
  });

  it('that end again and again are waited for longer and longer, while the other one serves', async () => {
    await stage().startEndpoints(1);
    const node = await startNode();
    const [, survivor] = await untilWorkers(node, 2);
    const load = newClients(node, 1);
    const delays = (): readonly number[] =>
      node.events
        .filter(({ msg }) => msg === 'workers end early: waiting before the next one')
        .map(({ delay_ms }) => Number(delay_ms));
    for (let round = 0; delays().length < 3; round++) {
      const pids = await untilWorkers(node, 2);
      process.kill(pids.find((pid) => pid !== survivor)!, 'SIGKILL');
      await until(
        'it is gone',
        () => messages(node).filter((msg) => msg === 'worker is gone').length > round,
      );
    }
    await load.stop().catch(() => {});
    const [first, second, third] = delays();
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThanOrEqual(first!);
    expect(third).toBeGreaterThanOrEqual(second!);
    expect(isAlive(survivor!)).toBe(true);
  });

  it('that cannot start end the node, which says why once', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    closers.push(() => taken.close());
    await until('the port is taken', () => taken.listening);
    const { port } = taken.address() as AddressInfo;
    const started = stage().startNode({
      endpoints: [{ id: 'shop-1', url: 'http://127.0.0.1:1' }],
      storeUrl: stage().sqliteUrl(),
      listener: { listen: `127.0.0.1:${port}` },
      top: { workers: 2 },
    });
    await expect(started).rejects.toThrow('ended at its start');
    const { child } = stage().nodes[0]!;
    expect(await child.exit).toEqual({ code: 1, signal: null });
    const said = child.lines.filter((line) => line.includes('address already in use'));
    expect(said).toHaveLength(1);
    expect(child.lines).toContainEqual(expect.stringContaining('another process listens there'));
  });
});

describe('the end of a node of workers', () => {
  it('is orderly: a request in flight is answered, and no process is left', async () => {
    const [endpoint] = await stage().startEndpoints(1);
    const node = await startNode();
    const pids = await untilWorkers(node, 2);
    const slow = await RawConnection.open(node.ports.port);
    closers.push(() => slow.close());
    slow.send(['GET /slow?ms=1000 HTTP/1.1', 'Host: shop.test', 'X-Unique-Id: slow']);
    await until('the request is at the endpoint', () => endpoint?.timesSeen('slow') === 1);
    expect(await node.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(slow.received).toMatch(/^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*slow\n$/is);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('comes at once at a second signal', async () => {
    await stage().startEndpoints(1);
    const node = await startNode({ top: { shutdown: { delay: '1m', deadline: '1m' } } });
    const pids = await untilWorkers(node, 2);
    node.child.signal('SIGTERM');
    await until('it is leaving', async () => (await node.admin('/readyz')).status === 503);
    expect(await node.end('SIGINT')).toEqual({ code: 1, signal: null });
    await until('no worker is left', () => !pids.some(isAlive));
  });

  it('comes in good order to the workers of a supervisor that was killed', async () => {
    const [endpoint] = await stage().startEndpoints(1);
    const node = await startNode();
    const pids = await untilWorkers(node, 2);
    const slow = await RawConnection.open(node.ports.port);
    closers.push(() => slow.close());
    slow.send(['GET /slow?ms=500 HTTP/1.1', 'Host: shop.test', 'X-Unique-Id: slow']);
    await until('the request is at the endpoint', () => endpoint?.timesSeen('slow') === 1);
    process.kill(node.child.pid, 'SIGKILL');
    await until('no worker is left', () => !pids.some(isAlive), 20_000);
    expect(slow.received).toContain('slow\n');
  });
});

describe('an upgrade', () => {
  it('under load fails no request, refuses no connection and moves no session', async () => {
    await stage().startEndpoints(3);
    const node = await startNode({ top: { log: { access: false } } });
    const before = await untilWorkers(node, 2);
    const client = stage().client(node, 8);
    const visitors = await welcome(30, [client]);
    const homes = pathsOf(visitors);
    const random = testRandom('upgrade');
    const load = inBackground(8, async () => {
      const path = random.unit() < 0.1 ? '/slow?ms=100' : '/';
      await pick(random, visitors).visit(client, { path });
    });
    const clients = newClients(node);
    const rare = await keptConnection(node);

    node.child.signal('SIGUSR2');
    await until('all have been replaced', () => messages(node).includes(REPLACED), 30_000);
    const turns = load.turns;
    await until('visitors have come again', () => load.turns > turns + 200);
    // Longer than a listener that ends keeps a quiet connection: nobody else has told this client anything.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await ask(rare)).toBe(true);
    expect(rare.received).toMatch(/Connection: close/i);
    const after = await untilWorkers(node, 2);
    await load.stop();
    await clients.stop();

    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(node.child.hasExited).toBe(false);
    expect(await node.end()).toEqual({ code: 0, signal: null });
  });

  it('leaves a WebSocket to its worker until the deadline, and says 1001 then', async () => {
    const endpoint = createServer();
    endpoint.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    const endpoints = [{ id: 'shop-1', url: await listening(endpoint) }];
    const node = await startNode({ endpoints, top: { shutdown: { delay: '0s', deadline: '2s' } } });
    const before = await untilWorkers(node, 2);
    const tunnel = await RawConnection.open(node.ports.port);
    closers.push(() => tunnel.close());
    tunnel.send(upgradeRequest('/'));
    await tunnel.untilReceived(/\r\n\r\n$/);

    node.child.signal('SIGUSR2');
    await until('all have been replaced', () => messages(node).includes(REPLACED), 30_000);
    tunnel.socket.write('still here');
    await tunnel.untilReceived(/still here$/);
    await tunnel.untilEnded(20_000);
    expect(tunnel.received.slice(tunnel.received.indexOf('still here'))).toBe('still here\x88\x02\x03\xe9');
    await until('the old workers are gone', () => !before.some(isAlive));
  });

  it('has workers of the code that is on disk by then', async () => {
    await stage().startEndpoints(1);
    const copy = join(stage().dir, 'release');
    await cp(join(ROOT, 'packages'), join(copy, 'packages'), { recursive: true, verbatimSymlinks: true });
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const node = await startRelease(copy);
    const releases = async () => (await supervisedStatus(node)).workers.map(({ release }) => release);
    expect(await releases()).not.toContain('99.0.0');

    const manifest = join(copy, 'packages/proxy/package.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace(/"version": "[^"]*"/, '"version": "99.0.0"'));
    node.child.signal('SIGUSR2');
    await until('all have been replaced', () => messages(node).includes(REPLACED), 30_000);
    await until('no old worker is left', async () => (await releases()).length === 2);
    expect(await releases()).toEqual(['99.0.0', '99.0.0']);

    // What cannot start at all leaves those that serve alone.
    await writeFile(join(copy, 'packages/proxy/src/main.ts'), 'process.exit(3);');
    const pids = await untilWorkers(node, 2);
    node.child.signal('SIGUSR2');
    await until('it is given up', () =>
      messages(node).includes('upgrade: the new worker did not start, the others stay'),
    );
    expect(await untilWorkers(node, 2)).toEqual(pids);
  });
});

describe('a reload of a node of workers', () => {
  it('is taken on by all of them, or by none', async () => {
    await stage().startEndpoints(2);
    const [first, second] = stage().endpoints.map(({ id, url }) => ({ id, url }));
    const node = await startNode({ endpoints: [first!] });
    const pids = await untilWorkers(node, 2);
    const kept = await Promise.all(Array.from({ length: 8 }, () => keptConnection(node)));
    const load = newClients(node, 2);
    const wishes = withWorkers({ endpoints: [second!] });
    const servedBy = async (): Promise<unknown> => {
      await Promise.all(kept.map(ask));
      return new Set(kept.map(({ received }) => [...received.matchAll(/X-Served-By: (\S+)/gi)].at(-1)?.[1]));
    };

    expect(await node.reload({ ...wishes, top: { ...wishes.top, listeners: [] } })).toMatchObject({
      outcome: 'refused',
    });
    expect(await servedBy()).toEqual(new Set(['shop-1']));
    expect(await node.reload(wishes)).toMatchObject({ outcome: 'applied' });
    expect(await servedBy()).toEqual(new Set(['shop-2']));

    await load.stop();
    const port = await freePort();
    expect(await node.reload({ ...wishes, listener: { listen: `127.0.0.1:${port}` } })).toMatchObject({
      outcome: 'applied',
    });
    expect((await rawRequest(port, [...REQUEST, 'Connection: close'])).status).toBe(200);
    await expect(RawConnection.open(node.ports.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    process.kill(pids[0]!, 'SIGKILL');
    await until('it is gone', () => messages(node).includes('worker is gone'));
    await untilWorkers(node, 2);
    await Promise.all(
      Array.from({ length: 20 }, async () =>
        expect((await rawRequest(port, [...REQUEST, 'Connection: close'])).fields).toContainEqual(
          'X-Served-By: shop-2',
        ),
      ),
    );
  });
});

describe('the health of endpoints', () => {
  it('is found out by the probes of one worker, for all', async () => {
    let probes = 0;
    let status = 200;
    const endpoint = createServer((request, response) => {
      if (request.url !== '/healthz') return void response.end('ok\n');
      probes++;
      response.writeHead(status).end();
    });
    const endpoints = [{ id: 'shop-1', url: await listening(endpoint) }];
    const intervalMs = 100;
    const check = { path: '/healthz', interval: `${intervalMs}ms`, healthyAfter: 2, unhealthyAfter: 2 };
    const node = await startNode({ endpoints, pool: { healthCheck: check } });
    const fromMs = systemClock.elapsed();
    const before = probes;
    await until('there have been some probes', () => probes >= before + 15);
    expect(probes - before).toBeLessThanOrEqual((systemClock.elapsed() - fromMs) / intervalMs + 2);

    const statuses = async (): Promise<unknown> => {
      const all = Array.from({ length: 16 }, () =>
        rawRequest(node.ports.port, [...REQUEST, 'Connection: close']),
      );
      return new Set((await Promise.all(all)).map((response) => response.status));
    };
    status = 503;
    await until('it is down', async () => (await node.standingOf('shop-1')) === 'down');
    await supervisedStatus(node);
    expect(await statuses()).toEqual(new Set([503]));
    status = 200;
    await until('it is back', async () => (await node.standingOf('shop-1')) === 'serving');
    await supervisedStatus(node);
    expect(await statuses()).toEqual(new Set([200]));

    // Whoever probes now, a worker that comes knows what the others know.
    const changes = (): number => messages(node).filter((msg) => msg === 'endpoint is down').length;
    expect(changes()).toBe(1);
    status = 503;
    await until('it is down', () => changes() === 2);
    await supervisedStatus(node);
    const [prober] = await untilWorkers(node, 2);
    process.kill(prober!, 'SIGKILL');
    await until('it is gone', () => messages(node).includes('worker is gone'));
    await untilWorkers(node, 2);
    expect(await statuses()).toEqual(new Set([503]));
    status = 200;
    await until('another worker probes', async () => {
      const seen = (await statuses()) as Set<number>;
      return seen.size === 1 && seen.has(200);
    });
    expect(changes()).toBe(2);
  });

  it('is what any worker learns from its requests, without a failure of each', async () => {
    await stage().startEndpoints(2);
    const node = await startNode();
    const [endpoint] = stage().endpoints;
    await endpoint?.kill();
    const downs = (): number => messages(node).filter((msg) => msg === 'endpoint is down').length;
    await until('a worker has found out', async () => {
      await rawRequest(node.ports.port, [...REQUEST, 'Connection: close']);
      return downs() > 0;
    });
    // What a worker says after its news, it says after the supervisor has told the others.
    await supervisedStatus(node);
    await supervisedStatus(node);
    const clients = newClients(node);
    await until('both have served', () => clients.turns >= 100);
    await clients.stop();
    const { workers } = await supervisedStatus(node);
    expect(workers.every(({ requests }) => requests > 0)).toBe(true);
    expect(downs()).toBe(1);
  });
});
