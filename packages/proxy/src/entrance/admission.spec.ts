import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { EntranceWorld, GET } from '../testing/entrance-world.ts';
import { proxyHeaderV1, proxyHeaderV2 } from '../testing/proxy-headers.ts';
import { certificateFiles } from '../testing/tls/certificates.ts';

const ENDS = {
  source: { address: '203.0.113.7', port: 51_234 },
  destination: { address: '192.0.2.1', port: 443 },
};
const V1 = proxyHeaderV1(ENDS);
const V2 = proxyHeaderV2(ENDS, { extra: Buffer.alloc(32, 4) });
const REQUEST = Buffer.from(GET);

const BEHIND_PROXY = { proxyProtocol: true, trustedProxies: ['127.0.0.0/8'] };
const HTTPS = { protocol: 'https', tls: { certificates: [certificateFiles('shop')] } };

const opened: EntranceWorld[] = [];
const openWorld = async (settings: object = BEHIND_PROXY): Promise<EntranceWorld> => {
  const world = await EntranceWorld.open(settings);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

describe('a connection with a PROXY header', () => {
  it.each([
    ['version 1', V1],
    ['version 2', V2],
  ])('of %s is that of the client it names, at the port that the client wanted', async (_, header) => {
    const world = await openWorld();
    const client = await world.client(Buffer.concat([header, REQUEST]));
    await client.received('welcome');
    expect(world.peers[0]).toMatchObject({ address: '203.0.113.7', localPort: 443, isTls: false });
  });

  it.each([
    ['version 1', V1],
    ['version 2', V2],
  ])('of %s before TLS is that of the client it names', async (_, header) => {
    const world = await openWorld({ ...BEHIND_PROXY, ...HTTPS });
    const { client } = await world.secured({}, header);
    client.send(GET);
    await client.received('welcome');
    expect(world.peers[0]).toMatchObject({ address: '203.0.113.7', localPort: 443, isTls: true });
  });

  it.each([
    ['version 1', V1],
    ['version 2', V2],
  ])('of %s that arrives in two pieces is read the same, wherever it is cut', async (_, header) => {
    const world = await openWorld();
    const whole = Buffer.concat([header, REQUEST]);
    for (let cut = 1; cut < whole.length; cut += 7) {
      const client = await world.client(whole.subarray(0, cut));
      await eventually('the first piece has its connection', () => world.listener.openConnections > 0);
      client.send(whole.toString('latin1', cut));
      await client.received('welcome');
      client.destroy();
      await eventually('the connection is gone', () => world.listener.openConnections === 0);
    }
    expect(new Set(world.peers.map(({ address }) => address))).toEqual(new Set(['203.0.113.7']));
  });

  it.each([
    ['LOCAL', proxyHeaderV2(undefined)],
    ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
  ])('that says %s is that of the proxy itself', async (_, header) => {
    const world = await openWorld();
    const client = await world.client(Buffer.concat([header, REQUEST]));
    await client.received('welcome');
    expect(world.peers[0]).toMatchObject({ address: '127.0.0.1', localPort: world.port });
  });

  it('names an IPv4 client by its IPv4 address, in whatever form it is written', async () => {
    const world = await openWorld();
    const header = proxyHeaderV2({
      source: { address: '::ffff:203.0.113.7', port: 1 },
      destination: { address: '::ffff:192.0.2.1', port: 443 },
    });
    const client = await world.client(Buffer.concat([header, REQUEST]));
    await client.received('welcome');
    expect(world.peers[0]?.address).toBe('203.0.113.7');
  });

  it('may keep its request for later', async () => {
    const world = await openWorld();
    const client = await world.client(V1);
    await eventually('the connection is there', () => world.listener.openConnections === 1);
    client.send(GET);
    await client.received('welcome');
  });
});

describe('a connection that should have a PROXY header', () => {
  it.each([
    ['begins with a request', REQUEST, 'no PROXY protocol header'],
    ['begins with TLS', Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff]), 'no PROXY protocol header'],
    ['has a malformed one', Buffer.from('PROXY TCP4 1.2.3.4\r\n'), 'malformed addresses'],
  ])('and %s is closed without an answer', async (_, bytes, reason) => {
    const world = await openWorld();
    const client = await world.client(bytes);
    expect(await client.ended()).toBe('');
    expect(await world.reason()).toBe(reason);
    expect(world.peers).toEqual([]);
  });

  it('and ends before it is complete is closed', async () => {
    const world = await openWorld();
    const client = await world.client(V2.subarray(0, 20));
    client.end();
    expect(await client.ended()).toBe('');
    expect(await world.reason()).toMatch(/^ended before/);
  });

  it('and never sends it is closed when the time for a header is over', async () => {
    const world = await openWorld({ ...BEHIND_PROXY, timeouts: { header: '2s' } });
    const client = await world.client(V1.subarray(0, 10));
    await eventually('the connection is there', () => world.listener.openConnections === 1);
    await world.clock.advance(2_300);
    await client.ended();
    expect(await world.reason()).toBe('timed out');
  });

  it('is closed unread when its peer is no trusted proxy', async () => {
    const world = await openWorld({ proxyProtocol: true, trustedProxies: ['10.0.0.0/8'] });
    const client = await world.client(Buffer.concat([V1, REQUEST]));
    expect(await client.ended()).toBe('');
    expect(await world.reason()).toBe('not a trusted proxy');
  });

  it('is none where the PROXY protocol is off: its bytes are a request, and no valid one', async () => {
    const world = await openWorld({ trustedProxies: ['127.0.0.0/8'] });
    const client = await world.client(Buffer.concat([V1, REQUEST]));
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('connections of one client', () => {
  const limited = { limits: { connectionsPerClient: 2 } };

  it('are closed above the limit, and let in again when others end', async () => {
    const world = await openWorld(limited);
    const [first] = await Promise.all([world.client(GET), world.client(GET)]);
    await eventually('both are served', () => world.peers.length === 2);
    const third = await world.client(GET);
    await third.ended();
    expect(third.text).toBe('');
    expect(await world.reason()).toBe('too many connections');
    first?.destroy();
    await eventually('there is room', () => world.listener.openConnections === 1);
    const fourth = await world.client(GET);
    await fourth.received('welcome');
  });

  it('are counted before their TLS handshake, and until the end of TLS', async () => {
    const world = await openWorld({ ...HTTPS, limits: { connectionsPerClient: 1 } });
    const stalled = await world.client();
    await eventually('the first is counted', () => world.listener.openConnections === 1);
    const second = await world.client();
    await second.ended();
    stalled.destroy();
    await eventually('there is room', () => world.listener.openConnections === 0);
    const { client } = await world.secured();
    client.destroy();
    await eventually('there is room again', () => world.listener.openConnections === 0);
    await world.secured();
  });

  it('are those of the client that a PROXY header names', async () => {
    const world = await openWorld({ ...BEHIND_PROXY, limits: { connectionsPerClient: 1 } });
    const of = (address: string): Buffer =>
      Buffer.concat([proxyHeaderV1({ ...ENDS, source: { address, port: 1 } }), REQUEST]);
    const first = await world.client(of('203.0.113.7'));
    await first.received('welcome');
    const again = await world.client(of('203.0.113.7'));
    expect(await again.ended()).toBe('');
    const other = await world.client(of('203.0.113.8'));
    await other.received('welcome');
  });

  it('are not counted for a trusted proxy, whose connections are those of many', async () => {
    const world = await openWorld({ trustedProxies: ['127.0.0.1'], limits: { connectionsPerClient: 1 } });
    const clients = await Promise.all([world.client(GET), world.client(GET), world.client(GET)]);
    for (const client of clients) await client.received('welcome');
  });
});
