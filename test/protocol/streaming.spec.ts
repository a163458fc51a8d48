import { connect, type Socket } from 'node:net';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { forgetPeakMemory, peakMemory } from '../support/process-memory.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until, untilStill } from '../support/until.ts';

const MIB = 1024 * 1024;
const TRANSFER_BYTES = 100 * MIB;
/** What may be on its way while nobody takes anything: the buffers of the proxy and of four sockets. */
const UNDER_WAY_MAX = 40 * MIB;

describe('bodies', () => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let endpoint: EndpointProcess;
  let peakBefore = 0;

  beforeAll(async () => {
    [endpoint] = (await stage().startEndpoints(1)) as [EndpointProcess];
    node = await stage().startNode();
  });

  beforeEach(async () => {
    // The first large transfer makes the heap and its buffers as large as they need to be; it is no growth.
    await stage()
      .client(node)
      .send({ path: `/bytes?count=${TRANSFER_BYTES}` });
    await forgetPeakMemory(node.child.pid);
    peakBefore = await peakMemory(node.child.pid);
  });

  const growth = async (): Promise<number> => (await peakMemory(node.child.pid)) - peakBefore;

  it('wait at the endpoint for a client that reads nothing, in bounded memory, and go on when it does', async () => {
    const sentBefore = await endpoint.bytesSent();
    const socket = connect(node.ports.port, '127.0.0.1').pause();
    socket.write(
      `GET /bytes?count=${TRANSFER_BYTES} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n`,
    );
    const sent = await untilStill('what the endpoint has sent', () => endpoint.bytesSent());
    expect(sent - sentBefore).toBeLessThan(UNDER_WAY_MAX);
    expect(await growth()).toBeLessThan(UNDER_WAY_MAX);

    const received = await lengthOf(socket);
    expect(received).toBeGreaterThan(TRANSFER_BYTES);
    expect(received).toBeLessThan(TRANSFER_BYTES + 4096);
  });

  it('wait at the client for an endpoint that reads nothing, in bounded memory, and go on when it does', async () => {
    const socket = connect(node.ports.port, '127.0.0.1');
    socket.write(
      `POST /gate HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\nContent-Length: ${TRANSFER_BYTES}\r\n\r\n`,
    );
    for (let written = 0; written < TRANSFER_BYTES; written += MIB) socket.write(Buffer.alloc(MIB, 'x'));
    const sent = await untilStill(
      'what the client has sent',
      () => socket.bytesWritten - socket.writableLength,
    );
    expect(sent).toBeLessThan(UNDER_WAY_MAX);
    expect(await growth()).toBeLessThan(UNDER_WAY_MAX);

    await endpoint.openGate();
    let answer = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) answer += chunk.toString('latin1');
    expect(answer).toMatch(new RegExp(`\\r\\n\\r\\n${TRANSFER_BYTES}$`));
  });

  it.each([
    { name: 'an answer is awaited', path: '/hang', isBegun: () => true },
    { name: 'an answer is arriving', path: '/stall', isBegun: (text: string) => text.includes('xxx') },
    { name: 'the request is arriving', path: '/echo', isBegun: () => true },
  ])(
    '23: end at the endpoint within a second when the client leaves while $name, to nobody’s blame',
    async ({ path, isBegun }) => {
      const id = `left-${path}`;
      const connection = await RawConnection.open(node.ports.port);
      const head =
        path === '/echo' ? [`POST ${path} HTTP/1.1`, 'Content-Length: 100'] : [`GET ${path} HTTP/1.1`];
      connection.send(
        [...head, 'Host: shop.test', `X-Unique-Id: ${id}`],
        path === '/echo' ? 'part of it' : '',
      );
      await until(
        'the endpoint has the request',
        () => endpoint.timesSeen(id) === 1 && isBegun(connection.received),
      );
      connection.close();
      await until('the endpoint sees it broken off', () => endpoint.wasBrokenOff(id), 1_000);

      const line = await until('it is logged', () => node.accessLog.find((logged) => logged.path === path));
      expect(line).toMatchObject({ error: 'DOWNSTREAM_DISCONNECTED', retries: 0 });
      const status = await node.status();
      expect(status.pools[0]?.endpoints[0]).toMatchObject({
        standing: 'serving',
        outlier: 'trusted',
        inFlight: 0,
      });
    },
  );
});

async function lengthOf(socket: Socket): Promise<number> {
  let length = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) length += chunk.length;
  return length;
}
