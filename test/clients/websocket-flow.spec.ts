import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { forgetPeakMemory, peakMemory } from '../support/process-memory.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until, untilStill } from '../support/until.ts';
import { LiveSocket, upgradeRequest } from './live-socket.ts';
import { type ProgramEndpoint, useEndpoints } from './program-endpoint.ts';

const MIB = 1024 * 1024;
const MESSAGES = 100;
/** What may be on its way while nobody takes anything: the buffers of the proxy and of four sockets. */
const UNDER_WAY_MAX = 40 * MIB;

/** Messages of 1 MiB, each filled with its number. */
const sendAll = ({ socket }: LiveSocket): void => {
  for (let sent = 0; sent < MESSAGES; sent++) socket.send(Buffer.alloc(MIB, sent));
};

const NUMBERS = Array.from({ length: MESSAGES }, (_, number) => number);

describe('a tunnel', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('live-endpoint.ts');
  let node: HoldfastNode;
  let endpoint: ProgramEndpoint;

  const growthSince = async (before: number): Promise<number> => (await peakMemory(node.child.pid)) - before;

  beforeEach(async () => {
    [endpoint] = (await startEndpoints(1)) as [ProgramEndpoint];
    node = await stage().startNode({ endpoints: [endpoint.address] });
    // The first large transfer makes the heap and its buffers as large as they need to be; it is no growth.
    const first = await LiveSocket.open(node.origin, '/');
    sendAll(first);
    await first.untilReceived(MESSAGES, 30_000);
    first.socket.terminate();
    await forgetPeakMemory(node.child.pid);
  });

  it('waits for a client that reads nothing, in bounded memory, and goes on when it does', async () => {
    const before = await peakMemory(node.child.pid);
    const live = await LiveSocket.open(node.origin, '/');
    live.socket.pause();
    sendAll(live);
    await until('the endpoint has taken everything', () => live.socket.bufferedAmount === 0, 30_000);
    expect(await growthSince(before)).toBeLessThan(UNDER_WAY_MAX);

    live.socket.resume();
    const received = await live.untilReceived(MESSAGES, 30_000);
    expect(received.map(({ data }) => data.at(-1))).toEqual(NUMBERS);
    expect(await live.echo('still here')).toBe('still here');
  });

  it('waits for an endpoint that reads nothing, in bounded memory, and goes on when it does', async () => {
    const before = await peakMemory(node.child.pid);
    const live = await LiveSocket.open(node.origin, '/gate');
    sendAll(live);
    const unsent = await untilStill('what the client has not sent', () => live.socket.bufferedAmount);
    expect(unsent).toBeGreaterThan(MESSAGES * MIB - UNDER_WAY_MAX);
    expect(await growthSince(before)).toBeLessThan(UNDER_WAY_MAX);

    await endpoint.ask('/control/open-gate');
    const received = await live.untilReceived(MESSAGES, 30_000);
    expect(received.map(({ data }) => data.at(-1))).toEqual(NUMBERS);
    expect(await live.echo('still here')).toBe('still here');
  });

  it('begins with what the client sent ahead of the 101', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(upgradeRequest('/'), '\x81\x85\x00\x00\x00\x00hello');
    const [head] = await connection.untilReceived(/^[\s\S]*hello$/);
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(head.endsWith('\r\n\r\n\x81\x05hello')).toBe(true);
    connection.close();
  });
});
