import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { initialHealthCheck } from '../health/health-check.ts';
import { initialOutlier } from '../health/outlier-detection.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import { type Layer4Wishes, Layer4World } from '../testing/layer4-world.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** One end of datagrams: a client, or an endpoint that answers what `answer` says. */
class Party {
  readonly received: string[] = [];
  readonly froms: RemoteInfo[] = [];
  readonly #socket: Socket;
  #isOpen = true;

  static async open(answer?: (datagram: string) => string | undefined): Promise<Party> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const party = new Party(socket, answer);
    closing.push(() => party.close());
    return party;
  }

  private constructor(socket: Socket, answer: (datagram: string) => string | undefined = () => undefined) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => {
      this.received.push(datagram.toString());
      this.froms.push(from);
      const text = answer(datagram.toString());
      if (text !== undefined) socket.send(text, from.port, from.address);
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get origin(): string {
    return `udp://127.0.0.1:${this.port}`;
  }

  send(text: string, port: number): void {
    this.#socket.send(text, port, '127.0.0.1');
  }

  async got(text: string): Promise<void> {
    await eventually(`${text} in ${this.received}`, () => this.received.includes(text));
  }

  close(): void {
    if (this.#isOpen) this.#socket.close();
    this.#isOpen = false;
  }
}

const echo = (name: string) => Party.open((datagram) => `${name}: ${datagram}`);

async function setUp(origins: readonly string[], wishes: Partial<Layer4Wishes> = {}): Promise<Layer4World> {
  const world = await Layer4World.open({ protocol: 'udp', origins, ...wishes });
  closing.push(() => world.close());
  return world;
}

describe('a udp flow', () => {
  it('brings answers from where the client has sent to, and keeps its endpoint', async () => {
    const [a, b] = [await echo('a'), await echo('b')];
    const world = await setUp([a.origin, b.origin]);
    const [one, two] = [await Party.open(), await Party.open()];
    for (const text of ['1', '2', '3']) {
      one.send(text, world.port);
      await one.got(`a: ${text}`);
      two.send(text, world.port);
      await two.got(`b: ${text}`);
    }
    expect(new Set(one.froms.map(({ port }) => port))).toEqual(new Set([world.port]));
    expect(world.listener.openConnections).toBe(2);
    expect(new Set(a.froms.map(({ port }) => port)).size).toBe(1);
  });

  it('carries datagrams that the endpoint sends of its own accord, and several before its first answer', async () => {
    const endpoint = await Party.open();
    const world = await setUp([endpoint.origin]);
    const client = await Party.open();
    for (const text of ['1', '2', '3']) client.send(text, world.port);
    await eventually('all three', () => endpoint.received.length === 3);
    expect(endpoint.received).toEqual(['1', '2', '3']);
    const from = endpoint.froms[0]?.port ?? 0;
    endpoint.send('news', from);
    endpoint.send('more news', from);
    await client.got('more news');
  });

  it('ends when nothing has come from either side for the idle timeout, and tells of itself', async () => {
    const endpoint = await echo('a');
    const world = await setUp([endpoint.origin], { listener: { timeouts: { idle: '10s' } } });
    const client = await Party.open();
    client.send('hi', world.port);
    await client.got('a: hi');
    await world.clock.advance(9_000);
    client.send('still here', world.port);
    await client.got('a: still here');
    await world.clock.advance(9_000);
    expect(world.records).toEqual([]);
    await world.clock.advance(1_300);
    expect(world.records).toMatchObject([
      { protocol: 'udp', end: 'idle', bytesIn: 12, bytesOut: 18, clientPort: client.port, attempts: 1 },
    ]);
    expect(world.passage.pool.endpoints[0]?.inFlight).toBe(0);
  });

  it('moves to another endpoint when nobody listens at its own any more, and loses no question', async () => {
    const [a, b] = [await echo('a'), await echo('b')];
    const world = await setUp([a.origin, b.origin]);
    const client = await Party.open();
    client.send('1', world.port);
    await client.got('a: 1');
    a.close();
    client.send('2', world.port);
    await client.got('b: 2');
    client.send('3', world.port);
    await client.got('b: 3');
    expect(world.passage.pool.usable).toHaveLength(1);
  });

  it('goes to another endpoint where the name of its own is not known', async () => {
    const b = await echo('b');
    const world = await setUp(['udp://endpoint.invalid:9', b.origin]);
    const client = await Party.open();
    client.send('1', world.port);
    await client.got('b: 1');
    expect(world.passage.pool.endpoints.map(({ standing }) => standing)).toEqual(['down', 'serving']);
  });

  it('moves with the next datagram when its endpoint counts as down, though that may still answer', async () => {
    const [a, b] = [await echo('a'), await echo('b')];
    const world = await setUp([a.origin, b.origin]);
    const client = await Party.open();
    client.send('1', world.port);
    await client.got('a: 1');
    const { pool } = world.passage;
    const [first] = pool.endpoints;
    if (first !== undefined) pool.reported(first, 'connect-failed');
    client.send('2', world.port);
    await client.got('b: 2');
  });

  it('that nobody can serve is over, and the next datagram of its client begins another one', async () => {
    const endpoint = await echo('a');
    const world = await setUp([endpoint.origin]);
    const client = await Party.open();
    client.send('1', world.port);
    await client.got('a: 1');
    const { pool } = world.passage;
    const only = pool.endpoints[0] as Endpoint;
    pool.reported(only, 'connect-failed');
    // Its first datagram in another tick: the flow is put to the end of the table, unless it is over.
    await world.clock.advance(200);
    client.send('2', world.port);
    await eventually('the flow is refused', () => world.records.length === 1);
    expect(world.listener.openConnections).toBe(0);
    pool.learn(only, { check: initialHealthCheck, outlier: initialOutlier, incarnation: undefined });
    client.send('3', world.port);
    await client.got('a: 3');
  });

  it('that was silent longest makes room where there are as many as may be', async () => {
    const endpoint = await echo('a');
    const world = await setUp([endpoint.origin], { listener: { limits: { connections: 2 } } });
    const clients = [await Party.open(), await Party.open(), await Party.open()] as const;
    for (const client of clients.slice(0, 2)) {
      client.send('1', world.port);
      await client.got('a: 1');
    }
    await world.clock.advance(1_000);
    clients[0].send('2', world.port);
    await clients[0].got('a: 2');
    clients[2].send('1', world.port);
    await clients[2].got('a: 1');
    expect(world.records).toMatchObject([{ end: 'evicted', clientPort: clients[1].port }]);
  });

  it('is refused to a client that has as many as it may have', async () => {
    const endpoint = await echo('a');
    const world = await setUp([endpoint.origin], { listener: { limits: { connectionsPerClient: 1 } } });
    const [one, two] = [await Party.open(), await Party.open()];
    one.send('1', world.port);
    await one.got('a: 1');
    two.send('1', world.port);
    one.send('2', world.port);
    await one.got('a: 2');
    expect(endpoint.received).toEqual(['1', '2']);
  });

  it('gets the answer that is due when its listener closes, and no longer a place', async () => {
    const endpoint = await Party.open();
    const world = await setUp([endpoint.origin]);
    const [client, late] = [await Party.open(), await Party.open()];
    client.send('question', world.port);
    await endpoint.got('question');
    const closed = world.listener.close(10_000);
    late.send('too late', world.port);
    endpoint.send('answer', endpoint.froms[0]?.port ?? 0);
    await client.got('answer');
    await world.clock.advance(100);
    await closed;
    expect(endpoint.received).toEqual(['question']);
    expect(world.records).toMatchObject([{ end: 'shutdown' }]);
  });
});
