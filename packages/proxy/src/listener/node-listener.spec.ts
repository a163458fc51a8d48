import { systemClock } from '@holdfast/shared';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange/exchange.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import { TestSocket } from '../testing/test-socket.ts';
import { listenerConfig, TakenExchange } from '../testing/wire-world.ts';
import { NodeListener } from './node-listener.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

const opened: NodeListener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close(0);
});

/** A listener on Node's server, whose requests the test answers. */
async function setUp() {
  const taken: TakenExchange[] = [];
  const forwarder = { forward: (exchange: Exchange) => taken.push(new TakenExchange(exchange)) };
  const config = listenerConfig();
  const listener = new NodeListener({
    config,
    clock: systemClock,
    forwarders: new Map([['shop', forwarder as unknown as Forwarder]]),
    listener: {
      name: 'web',
      trustedProxies: new TrustedProxies([]),
      bodyBytesMax: undefined,
      debugHeaders: false,
    },
    recorder: { requestFinished: () => {} },
    newRequestId: () => 'request-1',
  });
  opened.push(listener);
  const { port } = await listener.open();
  const clientThatSends = async (text: string): Promise<TestSocket> => {
    const client = await TestSocket.connect(port);
    client.send(text);
    return client;
  };
  const exchange = async (number: number): Promise<TakenExchange> => {
    await eventually(`request ${number}`, () => taken.length >= number);
    return taken[number - 1] as TakenExchange;
  };
  return { listener, clientThatSends, exchange };
}

describe("a listener on Node's server", () => {
  it('routes each request to its forwarder, as an exchange', async () => {
    const { listener, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends('GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n');
    const taken = await exchange(1);
    expect(taken.target).toBe('/a?b');
    expect(listener.openConnections).toBe(1);
    taken.answer('done');
    await client.received('done');
    client.destroy();
    await eventually('the connection is gone', () => listener.openConnections === 0);
  });

  it('asks clients to come back on another connection once it is leaving', async () => {
    const { listener, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    (await exchange(1)).answer('one');
    expect(await client.received('one')).not.toMatch(/connection: close/i);
    listener.leave();
    client.send(GET);
    (await exchange(2)).answer('two');
    expect(await client.ended()).toMatch(/connection: close\r\n.*two/is);
  });

  it('closes once what is in flight is answered', async () => {
    const { listener, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const taken = await exchange(1);
    const closed = listener.close(30_000);
    taken.answer('finished');
    expect(await client.ended()).toContain('finished');
    client.end();
    await closed;
    expect(taken.isClientGone).toBe(false);
  });

  it('ends what is in flight at the deadline', async () => {
    const { listener, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const taken = await exchange(1);
    await listener.close(20);
    await client.ended();
    await eventually('the news', () => taken.isClientGone);
  });
});
