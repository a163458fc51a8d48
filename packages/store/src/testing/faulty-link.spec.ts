import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '@holdfast/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { type FaultyLink, openFaultyLink } from './faulty-link.ts';

/** Somebody at one end of a link, with what reached them and how it ended. */
class Party {
  readonly socket: Socket;
  heard = '';
  end: 'fin' | 'reset' | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.heard += bytes;
    });
    socket.on('end', () => {
      this.end ??= 'fin';
    });
    socket.on('error', () => {
      this.end = 'reset';
    });
  }

  hears(text: string): Promise<void> {
    return eventually(`${text} arrives`, () => this.heard === text);
  }
}

describe('a link with faults', () => {
  let server: Server;
  let link: FaultyLink;
  const far: Party[] = [];
  const near: Party[] = [];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => far.push(new Party(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    link = await openFaultyLink((server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const { socket } of [...near.splice(0), ...far.splice(0)]) socket.destroy();
    await link.close();
    server.close();
  });

  /** Both ends of a new connection that carries a greeting, so that it is known to be open. */
  async function open(): Promise<readonly [Party, Party]> {
    const party = new Party(connect({ port: link.port, host: '127.0.0.1', allowHalfOpen: true }));
    const index = near.push(party) - 1;
    party.socket.write('hi ');
    await eventually('it is open', () => far[index]?.heard === 'hi ');
    return [party, far[index]!];
  }

  it('carries bytes both ways, and the end of each side by itself', async () => {
    const [client, endpoint] = await open();
    client.socket.end('question');
    await endpoint.hears('hi question');
    await eventually('the end arrives', () => endpoint.end === 'fin');
    endpoint.socket.end('answer');
    await client.hears('answer');
    await eventually('the other end arrives', () => client.end === 'fin');
  });

  it('holds back while it is paused, on old and new connections, and loses nothing', async () => {
    const [client, endpoint] = await open();
    link.pause();
    client.socket.write('late');
    const later = new Party(connect(link.port, '127.0.0.1'));
    near.push(later);
    later.socket.write('later');
    await eventually('the new one reaches the far end', () => far.length === 2);
    expect(far.map(({ heard }) => heard)).toEqual(['hi ', '']);
    link.resume();
    await endpoint.hears('hi late');
    await far[1]!.hears('later');
  });

  it('tells nobody of a connection that is stalled, for good, and carries new ones', async () => {
    const [client, endpoint] = await open();
    link.stall();
    client.socket.write('lost');
    const [, second] = await open();
    client.socket.destroy();
    await second.hears('hi ');
    link.pause();
    link.resume();
    const [, third] = await open();
    await third.hears('hi ');
    expect(endpoint).toMatchObject({ heard: 'hi ', end: undefined });
  });

  it('stalls only those that are meant', async () => {
    const [meant, meantFar] = await open();
    const [spared, sparedFar] = await open();
    link.stall((farPort) => farPort === meantFar.socket.remotePort);
    meant.socket.write('lost');
    spared.socket.write('kept');
    await sparedFar.hears('hi kept');
    expect(meantFar.heard).toBe('hi ');
  });

  it('resets those that exist, and carries new ones', async () => {
    const parties = await open();
    link.reset();
    await eventually('both ends know', () => parties.every(({ end }) => end === 'reset'));
    await open();
  });

  it('refuses connections from its cut until it is mended', async () => {
    await open();
    await link.cut();
    const refused = connect(link.port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    far.length = near.length = 0;
    await link.mend();
    await open();
  });

  it('delays each way, in order, without a limit to how much is on its way', async () => {
    const [client, endpoint] = await open();
    link.shape({ delayMs: 80 });
    const startedAtMs = systemClock.elapsed();
    for (const part of ['a', 'b', 'c']) client.socket.write(part);
    await endpoint.hears('hi abc');
    endpoint.socket.write('answer');
    await client.hears('answer');
    expect(systemClock.elapsed() - startedAtMs).toBeGreaterThanOrEqual(160);
    link.shape({});
  });

  it('carries no more bytes in a second than it may', async () => {
    const [client, endpoint] = await open();
    link.shape({ bytesPerSecond: 100_000 });
    const startedAtMs = systemClock.elapsed();
    client.socket.write(Buffer.alloc(20_000, 'x'));
    await endpoint.hears(`hi ${'x'.repeat(20_000)}`);
    expect(systemClock.elapsed() - startedAtMs).toBeGreaterThanOrEqual(190);
  });

  it('leads elsewhere, for those that come back', async () => {
    const elsewhere = createServer((socket) => socket.end('elsewhere'));
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const [client] = await open();
    link.redirect((elsewhere.address() as AddressInfo).port);
    await eventually('the client has been reset', () => client.end === 'reset');
    const again = new Party(connect(link.port, '127.0.0.1'));
    near.push(again);
    await again.hears('elsewhere');
    elsewhere.close();
  });
});
