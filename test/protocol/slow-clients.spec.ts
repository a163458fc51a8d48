import { connect } from 'node:net';
import { systemClock } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { forgetPeakMemory, peakMemory } from '../support/process-memory.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const TIMEOUTS = { header: '300ms', idle: '400ms', stall: '400ms' };

/** Sends the text one byte at a time, at that interval, until the connection ends. Answers how to stop it. */
function trickle(connection: RawConnection, text: string, everyMs: number): () => void {
  let sent = 0;
  const timer = setInterval(() => {
    if (connection.isEnded || sent === text.length) clearInterval(timer);
    else connection.socket.write(text[sent++] ?? '');
  }, everyMs);
  return () => clearInterval(timer);
}

describe('a client that is slow on purpose', () => {
  const stage = useStage('file');

  const arrange = async (listener: Readonly<Record<string, unknown>>) => {
    if (stage().endpoints.length === 0) await stage().startEndpoints(1);
    return stage().startNode({ listener: { timeouts: TIMEOUTS, ...listener } });
  };

  it.each(['wire', 'node'])(
    'L2, 47: gets 408 and close while its head trickles in, byte by byte, and its endpoint hears nothing (server %s)',
    async (server) => {
      const node = await arrange({ server });
      const connection = await RawConnection.open(node.ports.port);
      const stop = trickle(
        connection,
        `GET / HTTP/1.1\r\nHost: a\r\nX-Unique-Id: slow-${server}\r\n\r\n`,
        100,
      );
      await connection.untilEnded(5_000);
      stop();
      connection.close();
      expect(connection.received).toMatch(/^HTTP\/1\.1 408 [\s\S]*Connection: close\r\n/i);
      expect(stage().endpoints[0]?.timesSeen(`slow-${server}`)).toBe(0);
    },
  );

  it('L2: is left without a word where it never sends a byte, or nothing after its request', async () => {
    const node = await arrange({});
    const silent = await RawConnection.open(node.ports.port);
    const idle = await RawConnection.open(node.ports.port);
    idle.send(['GET / HTTP/1.1', 'Host: a']);
    await idle.untilReceived(/^HTTP\/1\.1 200 /);
    await Promise.all([silent.untilEnded(3_000), idle.untilEnded(3_000)]);
    expect(silent.received).toBe('');
    expect(idle.received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    silent.close();
    idle.close();
  });

  it.each([
    { name: 'by length', head: 'Content-Length: 1000', body: 'abc' },
    { name: 'in chunks', head: 'Transfer-Encoding: chunked', body: '3e8\r\nabc' },
  ])(
    'L2, 47: gets 408 and close where its body ($name) stalls, and its endpoint a broken request',
    async ({ name, head, body }) => {
      const node = await arrange({});
      const connection = await RawConnection.open(node.ports.port);
      const id = `stalled ${name}`;
      connection.send(['POST /echo HTTP/1.1', 'Host: a', `X-Unique-Id: ${id}`, head], body);
      await connection.untilEnded(5_000);
      connection.close();
      expect(connection.received).toMatch(/^HTTP\/1\.1 408 [\s\S]*Connection: close\r\n/);
      await until('the endpoint sees it broken off', () => stage().endpoints[0]?.wasBrokenOff(id));
    },
  );

  it('L2, 47: is closed where it reads nothing of 64 MB, in bounded memory, and so is its request at the endpoint', async () => {
    const node = await arrange({});
    await stage()
      .client(node)
      .send({ path: `/bytes?count=${64 * MIB}` });
    await forgetPeakMemory(node.child.pid);
    const before = await peakMemory(node.child.pid);
    const socket = connect(node.ports.port, '127.0.0.1').pause();
    socket.on('error', () => {});
    socket.write(`GET /bytes?count=${64 * MIB} HTTP/1.1\r\nHost: a\r\nX-Unique-Id: unread\r\n\r\n`);
    await until('the endpoint sees it broken off', () => stage().endpoints[0]?.wasBrokenOff('unread'));
    await until(
      'no connection is left',
      async () => (await node.status()).listeners[0]?.openConnections === 0,
    );
    expect((await peakMemory(node.child.pid)) - before).toBeLessThan(40 * MIB);
    expect((await node.status()).pools[0]?.endpoints[0]).toMatchObject({ outlier: 'trusted', inFlight: 0 });
    socket.destroy();
  });

  it('L2: has no more connections than one client may, and loses none of the others', async () => {
    const node = await arrange({ limits: { connectionsPerClient: 5 }, timeouts: {} });
    const connections = await Promise.all(
      Array.from({ length: 8 }, () => RawConnection.open(node.ports.port)),
    );
    await until('three of them are closed', () => connections.filter(({ isEnded }) => isEnded).length === 3);
    const open = connections.filter(({ isEnded }) => !isEnded);
    for (const connection of open) {
      connection.send(['GET / HTTP/1.1', 'Host: a']);
      await connection.untilReceived(/^HTTP\/1\.1 200 /);
    }
    for (const connection of connections) connection.close();
  });

  it('L2: is one of a thousand who hold heads open, and everybody else is served meanwhile', async () => {
    const node = await arrange({ timeouts: { header: '2s' } });
    const client = stage().client(node, 8);
    const slow = await openSlowly(node, 1_000);
    const startedAtMs = systemClock.elapsed();
    await until(
      'all of them are accepted',
      async () => ((await node.status()).listeners[0]?.openConnections ?? 0) >= 1_000,
    );
    expect(await statusesWhile(client, () => slow.some(({ isEnded }) => !isEnded))).toEqual(new Set([200]));
    expect(systemClock.elapsed() - startedAtMs).toBeLessThan(10_000);
    expect(slow.filter(({ received }) => !/^HTTP\/1\.1 408 /.test(received))).toEqual([]);
    for (const connection of slow) connection.close();
  });
});

/** So many connections, each in the middle of a head. */
async function openSlowly(node: HoldfastNode, count: number): Promise<readonly RawConnection[]> {
  const slow: RawConnection[] = [];
  while (slow.length < count) {
    const some = await Promise.all(Array.from({ length: 100 }, () => RawConnection.open(node.ports.port)));
    for (const { socket } of some) socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Slow');
    slow.push(...some);
  }
  return slow;
}

/** Sends one request after the other for as long as the condition holds; answers every status there was. */
async function statusesWhile(client: HttpClient, isStill: () => boolean): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  while (isStill()) {
    const responses = await Promise.all(Array.from({ length: 8 }, () => client.send()));
    for (const { status } of responses) statuses.add(status);
  }
  return statuses;
}
