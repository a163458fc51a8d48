import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  authorityFile,
  certificatePem,
  type TestCertificate,
} from '../../packages/proxy/src/testing/tls/certificates.ts';
import { curl } from '../support/curl.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { forgetPeakMemory, peakMemory } from '../support/process-memory.ts';
import { useStage } from '../support/stage.ts';
import { supervisedStatus, untilWorkers } from '../support/supervised-node.ts';
import { endpointOf, TcpClient } from '../support/tcp-client.ts';
import { TcpEndpoint } from '../support/tcp-endpoint.ts';
import { until, untilStill } from '../support/until.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const listener = { protocol: 'tcp', debugHeaders: false };
const pool = { affinity: { type: 'source-ip' } };

const opened: { kill(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.kill();
});

async function startEndpoints(count: number): Promise<readonly TcpEndpoint[]> {
  const endpoints = Array.from({ length: count }, (_, index) => new TcpEndpoint(`shop-${index + 1}`));
  opened.push(...endpoints);
  return Promise.all(endpoints.map((endpoint) => endpoint.start()));
}

const addressesOf = (endpoints: readonly TcpEndpoint[]) => endpoints.map(({ address }) => address);

const ADDRESSES = Array.from({ length: 24 }, (_, index) => `127.0.1.${index + 1}`);

/** Where the client of each address ends up through a node. */
const homesBy = (node: HoldfastNode) =>
  Promise.all(ADDRESSES.map((address) => endpointOf(node.ports.port, address)));

describe('tcp listeners with stickiness by source address', () => {
  const stage = useStage();

  const startCluster = async (wishes: Partial<NodeWishes> = {}) => {
    const redis = await stage().startRedis();
    const endpoints = await startEndpoints(3);
    const full = { endpoints: addressesOf(endpoints), listener, pool, storeUrl: redis.url, ...wishes };
    return { endpoints, nodes: await stage().startNodes(3, full) };
  };

  it('keep the clients of an address on one endpoint through all nodes, and through their restarts', async () => {
    const { nodes } = await startCluster();
    const [first, second, third] = nodes as [HoldfastNode, HoldfastNode, HoldfastNode];
    const homes = await homesBy(first);
    expect(new Set(homes)).toEqual(new Set(['shop-1', 'shop-2', 'shop-3']));
    expect(await homesBy(second)).toEqual(homes);
    await first.restart('SIGKILL');
    await third.restart('SIGTERM');
    expect(await homesBy(first)).toEqual(homes);
    expect(await homesBy(third)).toEqual(homes);
  });

  it('move the clients of an endpoint that dies once, to where every node finds them, and leave the others', async () => {
    const { nodes, endpoints } = await startCluster();
    const before = await homesBy(nodes[0] as HoldfastNode);
    const [victim] = endpoints as [TcpEndpoint];
    await victim.kill();
    // All nodes meet the death at one moment.
    const [after, ...others] = await Promise.all(nodes.map(homesBy));
    for (const homes of others) expect(homes).toEqual(after);
    expect(after).not.toContain(victim.id);
    for (const [index, home] of before.entries()) if (home !== victim.id) expect(after?.[index]).toBe(home);
    await victim.start();
    for (const node of nodes) expect(await homesBy(node)).toEqual(after);
  });

  it('do not let a session expire under a connection that is open, however silent it is', async () => {
    const [node] = (await startCluster({ pool: { affinity: { type: 'source-ip', idleTimeout: '1s' } } }))
      .nodes as [HoldfastNode];
    const client = new TcpClient(node.ports.port);
    const home = await client.name();
    // Each touch is a quarter of the idle timeout after the last, so that eight of them take at least two of it.
    const touches = async () => (await node.status()).store.operations.touch ?? 0;
    await until('the pin has been touched for long', async () => (await touches()) >= 8);
    expect(await node.pinnedTotal()).toBe(1);
    for (let count = 0; count < 4; count++) expect(await endpointOf(node.ports.port)).toBe(home);
    const outcomes = async () => (await node.status()).connections.byOutcome;
    await until('all are counted', async () => (await outcomes()).hit === 4);
    expect((await outcomes()).created).toBe(0);
    client.close();
    await until('the session is forgotten', async () => (await node.pinnedTotal()) === 0);
  });
});

describe('a tcp connection through a node', () => {
  const stage = useStage();

  it('is told of in the access log when it is over', async () => {
    const endpoints = await startEndpoints(1);
    const node = await stage().startNode({ endpoints: addressesOf(endpoints), listener, pool });
    const client = new TcpClient(node.ports.port, '127.0.0.9');
    await client.name();
    client.send('hello');
    await client.received('hello');
    client.end();
    const line = await until('it is logged', () => node.accessLog[0]);
    expect(line).toMatchObject({
      proto: 'tcp',
      client_ip: '127.0.0.9',
      listener: 'web',
      pool: 'shop',
      endpoint: 'shop/shop-1',
      outcome: 'created',
      source: 'source-ip',
      end: 'closed',
      bytes_in: 5,
      bytes_out: 12,
      retries: 0,
      node: 'node-1',
    });
    expect(line.session).toMatch(/^[\w-]{11}$/);
  });

  it('stays where it is while its endpoint leaves the pool by a reload, and the next one goes elsewhere', async () => {
    const [leaving, staying] = (await startEndpoints(2)) as [TcpEndpoint, TcpEndpoint];
    const wishes = { endpoints: [leaving.address], listener, pool };
    const node = await stage().startNode(wishes);
    const client = new TcpClient(node.ports.port);
    expect(await client.name()).toBe(leaving.id);
    expect(await node.reload({ ...wishes, endpoints: [staying.address] })).toMatchObject({
      outcome: 'applied',
    });
    client.send('still here');
    await client.received('still here');
    client.close();
    await until('the new one serves', async () => (await endpointOf(node.ports.port)) === staying.id);
  });

  it('of a reader that stops costs the node no more memory than of one that reads: 1 GiB arrives', async () => {
    const total = 1024 * MIB;
    const piece = randomBytes(MIB);
    let sent = 0;
    let sentSum = 0;
    const pour = (socket: Socket): void => {
      while (sent < total) {
        sent += piece.length;
        sentSum = crc32(piece, sentSum);
        if (!socket.write(piece)) return void socket.once('drain', () => pour(socket));
      }
      socket.end();
    };
    const endpoint = await new TcpEndpoint('shop-1', pour).start();
    opened.push(endpoint);
    const node = await stage().startNode({ endpoints: [endpoint.address], listener, pool });
    const pid = (await node.status()).pid;
    await forgetPeakMemory(pid);
    const before = await peakMemory(pid);
    const socket = connect({ host: '127.0.0.1', port: node.ports.port });
    socket.pause();
    await untilStill('what the endpoint can send', () => sent);
    expect(sent).toBeLessThan(128 * MIB);
    let received = 0;
    let receivedSum = 0;
    for await (const chunk of socket) {
      received += (chunk as Buffer).length;
      receivedSum = crc32(chunk as Buffer, receivedSum);
    }
    expect([received, receivedSum]).toEqual([total, sentSum]);
    expect((await peakMemory(pid)) - before).toBeLessThan(64 * MIB);
  }, 60_000);

  it('comes to any worker of a node, and by each of them to the endpoint of its client', async () => {
    const endpoints = addressesOf(await startEndpoints(3));
    const storeUrl = stage().sqliteUrl();
    const node = await stage().startNode({ endpoints, listener, pool, storeUrl, top: { workers: 2 } });
    await untilWorkers(node, 2);
    const home = await endpointOf(node.ports.port);
    const clients: TcpClient[] = [];
    await until('both workers carry some', async () => {
      clients.push(new TcpClient(node.ports.port));
      const { workers } = await supervisedStatus(node);
      return workers.every(({ openConnections }) => openConnections > 0);
    });
    expect(new Set(await Promise.all(clients.map((client) => client.name())))).toEqual(new Set([home]));
    for (const client of clients) client.close();
    await until(
      'all are counted',
      async () => (await node.status()).connections.byEnd.closed === clients.length + 1,
    );
  });

  it('lets redis-cli use Redis as if there were nothing between', async () => {
    const redis = await stage().startRedis();
    const endpoints = [{ id: 'redis', url: `tcp://127.0.0.1:${redis.port}` }];
    const healthCheck = { interval: '50ms', send: 'PING\r\n', expect: '+PONG' };
    const node = await stage().startNode({ endpoints, listener, pool: { ...pool, healthCheck } });
    const cli = async (...args: readonly string[]) =>
      (await run('redis-cli', ['-p', String(node.ports.port), ...args])).stdout.trim();
    expect(await cli('set', 'kelp', 'holdfast')).toBe('OK');
    expect(await cli('get', 'kelp')).toBe('holdfast');
    await redis.kill();
    await until('the health check sees it', async () => (await node.standingOf('redis')) === 'down');
  });
});

describe('TLS that is passed through', () => {
  const stage = useStage();

  /** An https endpoint of its own certificate, which says its name. */
  const startSecure = async (certificate: TestCertificate) => {
    const server: TlsServer = createTlsServer(certificatePem(certificate), (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${certificate}`));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push({ kill: () => server.close() });
    const { port } = server.address() as { port: number };
    return `tcp://127.0.0.1:${port}`;
  };

  it('goes by the name that the client asks for, and is the endpoint’s own', async () => {
    const [shop, other] = [await startSecure('shop'), await startSecure('other')];
    const routes = [
      { match: { sni: '*.test' }, pool: 'shop' },
      { match: { sni: 'other.test' }, pool: 'other' },
    ];
    const node = await stage().startNode({
      endpoints: [],
      top: {
        pools: [
          { name: 'shop', endpoints: [{ url: shop }] },
          { name: 'other', endpoints: [{ url: other }] },
        ],
      },
      listener: { ...listener, pool: undefined, routes },
    });
    const { port } = node.ports;
    for (const name of ['shop', 'other']) {
      const { exitCode, output } = await curl(
        ...['--cacert', authorityFile, '--resolve', `${name}.test:${port}:127.0.0.1`],
        `https://${name}.test:${port}/`,
      );
      expect({ exitCode, body: output.split('\r\n\r\n').at(-1) }).toEqual({ exitCode: 0, body: name });
    }
    const stranger = await curl(
      '-k',
      '--resolve',
      `example.org:${port}:127.0.0.1`,
      `https://example.org:${port}/`,
    );
    expect(stranger.exitCode).not.toBe(0);
    const line = await until('it is logged', () => node.accessLog.find(({ end }) => end === 'refused'));
    expect(line).toMatchObject({ server_name: 'example.org', error: 'DOWNSTREAM_NO_ROUTE' });
  });
});
