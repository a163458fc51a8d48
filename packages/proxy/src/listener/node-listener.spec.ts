import { connect } from 'node:http2';
import { silentLogger, systemClock, Ticker } from '@holdfast/shared';
import type { ListenerConfig } from '@holdfast/shared/config';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { TestSocket } from '../testing/test-socket.ts';
import { authorityPem, certificateFiles } from '../testing/tls/certificates.ts';
import { listenerConfig, TakenExchange } from '../testing/wire-world.ts';
import { Certificates } from '../tls/certificates.ts';
import { TlsTermination } from '../tls/tls-termination.ts';
import { NodeListener } from './node-listener.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

const opened: NodeListener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close(0);
});

const HTTPS = { protocol: 'https', tls: { certificates: [certificateFiles('shop')] } };

async function terminationOf({ name, tls }: ListenerConfig): Promise<TlsTermination | undefined> {
  if (tls === undefined) return undefined;
  const context = { listener: name, clock: systemClock, log: silentLogger };
  return new TlsTermination(await Certificates.open(tls, context), silentLogger, name, ['h2', 'http/1.1']);
}

/** A listener on Node's server, whose requests the test answers. */
async function setUp(settings: object = {}) {
  const taken: TakenExchange[] = [];
  const config = listenerConfig(settings);
  const listener = new NodeListener({
    config,
    tls: await terminationOf(config),
    handle: (exchange) => taken.push(new TakenExchange(exchange)),
    refused: () => 'refused-1',
    ticker: new Ticker(systemClock, 100),
    clock: systemClock,
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
  return { listener, port, clientThatSends, exchange };
}

describe("a listener on Node's server", () => {
  it('hands over each request as an exchange', async () => {
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

  it('tells of clients that it breaks off with before it returns, as then the pools may be closed', async () => {
    const { listener, clientThatSends, exchange } = await setUp();
    await clientThatSends(GET);
    const taken = await exchange(1);
    listener.abort();
    expect(taken.isClientGone).toBe(true);
  });

  it('tells so of requests of HTTP/2, and not of one that is answered', async () => {
    const { listener, port, exchange } = await setUp(HTTPS);
    const session = connect(`https://127.0.0.1:${port}`, { servername: 'shop.test', ca: authorityPem() });
    for (const path of ['/1', '/2', '/3']) session.request({ ':path': path }).on('error', () => {});
    session.on('error', () => {});
    const taken = [await exchange(1), await exchange(2), await exchange(3)];
    taken[1]?.answer('done');
    listener.abort();
    expect(taken.map(({ isClientGone }) => isClientGone)).toEqual([true, false, true]);
    session.destroy();
  });
});
