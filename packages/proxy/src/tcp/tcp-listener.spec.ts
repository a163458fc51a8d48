import { seededRandom } from '@holdfast/shared/testing';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { readProxyHeader } from '../proxy-protocol/read-proxy-header.ts';
import { type Layer4Wishes, Layer4World } from '../testing/layer4-world.ts';
import { proxyHeaderV1 } from '../testing/proxy-headers.ts';
import { TestEndpoint } from '../testing/test-endpoint.ts';
import { TestSocket } from '../testing/test-socket.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openEndpoint(): Promise<TestEndpoint> {
  const endpoint = await TestEndpoint.open();
  closing.push(() => endpoint.close());
  return endpoint;
}

const originOf = ({ port }: TestEndpoint): string => `tcp://127.0.0.1:${port}`;

/** Where nobody listens: a port that was had and given up. */
async function deadOrigin(): Promise<string> {
  const endpoint = await TestEndpoint.open();
  const origin = originOf(endpoint);
  await endpoint.close();
  return origin;
}

/** A listener before one endpoint, unless the test wants others. */
async function setUp(wishes: Partial<Layer4Wishes> = {}) {
  const endpoint = await openEndpoint();
  const world = await Layer4World.open({ origins: [originOf(endpoint)], ...wishes });
  closing.push(() => world.close());
  const connect = async (): Promise<TestSocket> => {
    const client = await TestSocket.connect(world.port);
    closing.push(() => client.destroy());
    return client;
  };
  return { world, endpoint, connect };
}

const ended = async (world: Layer4World, count = 1) => {
  await eventually(`${count} records`, () => world.records.length >= count);
  return world.records.at(-1);
};

describe('a tcp connection', () => {
  it('is carried both ways, and its two directions end one by one', async () => {
    const { world, endpoint, connect } = await setUp();
    const client = await connect();
    client.send('question');
    client.end();
    const served = await endpoint.connection(1);
    expect(await served.ended()).toBe('question');
    served.send('a later answer');
    await client.received('a later answer');
    expect(client.hasEnded).toBe(false);
    served.end();
    await client.ended();
    expect(await ended(world)).toMatchObject({
      protocol: 'tcp',
      end: 'closed',
      bytesIn: 8,
      bytesOut: 14,
      attempts: 1,
      listener: 'broker',
      pool: 'shop',
      clientAddress: '127.0.0.1',
    });
    expect(world.listener.openConnections).toBe(0);
    expect(world.passage.pool.endpoints[0]?.inFlight).toBe(0);
  });

  it('gets the first word of an endpoint that speaks first', async () => {
    const { endpoint, connect } = await setUp();
    const client = await connect();
    (await endpoint.connection(1)).send('220 ready\r\n');
    await client.received('220 ready');
  });

  it.each([
    ['client', 'endpoint'],
    ['endpoint', 'client'],
  ])('that the %s resets is reset at the %s', async (by) => {
    const { world, endpoint, connect } = await setUp();
    const client = await connect();
    client.send('x');
    const served = await endpoint.connection(1);
    await served.received('x');
    const [first, second] = by === 'client' ? [client, served] : [served, client];
    first.reset();
    await eventually('the reset', () => second.error === 'ECONNRESET');
    expect(await ended(world)).toMatchObject({ end: `${by}-reset` });
  });

  it('goes to another endpoint when one cannot be reached, which then counts as down', async () => {
    const endpoint = await openEndpoint();
    const { world, connect } = await setUp({ origins: [await deadOrigin(), originOf(endpoint)] });
    const clients: TestSocket[] = [];
    for (const number of [1, 2]) {
      const client = await connect();
      clients.push(client);
      client.send('hello');
      await (await endpoint.connection(number)).received('hello');
    }
    expect(world.passage.pool.usable).toHaveLength(1);
    for (const client of clients) client.reset();
    await ended(world, 2);
    expect(world.records.map(({ attempts }) => attempts).sort()).toEqual([1, 2]);
  });

  it('is reset where no endpoint can be reached, and the record says why', async () => {
    const { world, connect } = await setUp({ origins: [await deadOrigin()] });
    const client = await connect();
    await eventually('the reset', () => client.error === 'ECONNRESET');
    expect(await ended(world)).toMatchObject({ end: 'refused', bytesIn: 0 });
    expect(world.records[0]?.error).toMatch(/^UPSTREAM_/);
  });

  it('ends when nothing has come from either side for the idle timeout, and not before', async () => {
    const { world, endpoint, connect } = await setUp({ listener: { timeouts: { idle: '10s' } } });
    const client = await connect();
    client.send('x');
    const served = await endpoint.connection(1);
    await served.received('x');
    await world.clock.advance(9_000);
    served.send('y');
    await client.received('y');
    await world.clock.advance(9_000);
    expect(world.records).toEqual([]);
    await world.clock.advance(1_300);
    expect(await ended(world)).toMatchObject({ end: 'idle' });
    await client.ended();
  });

  it('waits for a place at an endpoint that has as many as it may have, and gets it when one ends', async () => {
    const { endpoint, connect } = await setUp({ connectionsMax: 1 });
    const first = await connect();
    await endpoint.connection(1);
    const second = await connect();
    second.send('second');
    await eventually('it waits', () => endpoint.connections.length === 1);
    first.reset();
    await (await endpoint.connection(2)).received('second');
  });

  it('is ended by the closing of its listener at the deadline', async () => {
    const { world, endpoint, connect } = await setUp();
    const client = await connect();
    await endpoint.connection(1);
    await world.listener.close(0);
    await client.ended();
    expect(await ended(world)).toMatchObject({ end: 'shutdown' });
  });

  it('carries as much as there is, unchanged and in order', async () => {
    const { endpoint, connect } = await setUp();
    const client = await connect();
    const served = await endpoint.connection(1);
    const piece = seededRandom(1).bytes(300_001).toString('latin1');
    for (let count = 0; count < 40; count++) served.send(piece);
    served.end();
    expect((await client.ended()) === piece.repeat(40)).toBe(true);
  });
});

describe('the PROXY protocol', () => {
  it.each(['v1', 'v2'] as const)('in %s tells an endpoint whose connection it is', async (proxyProtocol) => {
    const { world, endpoint, connect } = await setUp({ passage: { proxyProtocol } });
    const client = await connect();
    client.send('hello');
    const text = await (await endpoint.connection(1)).received('hello');
    const reading = readProxyHeader(Buffer.from(text, 'latin1'));
    expect(reading).toMatchObject({
      header: { source: { address: '127.0.0.1' }, destination: { address: '127.0.0.1', port: world.port } },
    });
  });

  it('passes on what a trusted proxy has said', async () => {
    const listener = { proxyProtocol: true, trustedProxies: ['127.0.0.1'] };
    const { world, endpoint, connect } = await setUp({ listener, passage: { proxyProtocol: 'v1' } });
    const source = { address: '203.0.113.7', port: 4711 };
    const destination = { address: '192.0.2.1', port: 443 };
    const client = await connect();
    client.send(`${proxyHeaderV1({ source, destination }).toString()}hello`);
    const text = await (await endpoint.connection(1)).received('hello');
    expect(text).toBe('PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\nhello');
    client.reset();
    expect(await ended(world)).toMatchObject({ clientAddress: '203.0.113.7', clientPort: 4711 });
  });
});

describe('routes by server name', () => {
  const routes = [{ match: { sni: 'a.test' }, pool: 'named' }, { pool: 'shop' }];
  const setUpNamed = async (listener: object = {}) => {
    const named = await openEndpoint();
    const world = await setUp({
      named: { named: originOf(named) },
      listener: { pool: undefined, routes, ...listener },
    });
    return { ...world, named };
  };

  it('leave alone what is no TLS: it takes the route without a name, with its first byte', async () => {
    const { endpoint, connect } = await setUpNamed();
    const client = await connect();
    client.send('SSH-2.0\r\n');
    expect(await (await endpoint.connection(1)).received('\r\n')).toBe('SSH-2.0\r\n');
  });

  it('close a connection that says nothing for the header timeout', async () => {
    const { world, connect } = await setUpNamed({ timeouts: { header: '2s' } });
    const client = await connect();
    await eventually('it is there', () => world.listener.openConnections === 1);
    await world.clock.advance(2_300);
    await client.ended();
    expect(world.listener.openConnections).toBe(0);
  });

  it('reset a connection that no route is for', async () => {
    const { world, connect } = await setUpNamed({ routes: routes.slice(0, 1) });
    const client = await connect();
    client.send('hello');
    await eventually('the reset', () => client.error === 'ECONNRESET');
    expect(await ended(world)).toMatchObject({ end: 'refused', error: 'DOWNSTREAM_NO_ROUTE', pool: '' });
  });
});
