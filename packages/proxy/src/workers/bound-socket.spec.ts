import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listenOn } from '../entrance/listen-on.ts';
import { AddressRefused, type BoundSocket, bindSocket } from './bound-socket.ts';
import { BoundSockets } from './bound-sockets.ts';

const open: { close(): void }[] = [];
const keep = <Closable extends { close(): void }>(closable: Closable): Closable => {
  open.push(closable);
  return closable;
};

afterEach(() => {
  for (const closable of open.splice(0)) closable.close();
});

async function acceptOn({ handle, address }: BoundSocket): Promise<Server> {
  const server = createServer((socket) => socket.end('served'));
  await listenOn(server, 'web', address, { isShared: true, socketFor: async () => ({ _handle: handle }) });
  return server;
}

/** What a client that connects reads to the end; rejects if it is refused. */
async function visit({ host, port }: BoundSocket['address']): Promise<string> {
  const socket = connect(port, host);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(socket, 'close');
  return text;
}

describe('a bound socket', () => {
  it.each(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::'])(
    'has an address on %s, and serves who is given its handle',
    async (host) => {
      const socket = keep(await bindSocket({ host, port: 0 }));
      expect(socket.address).toMatchObject({ host, port: expect.any(Number) });
      expect(socket.address.port).toBeGreaterThan(0);
      keep(await acceptOn(socket));
      expect(await visit(socket.address)).toBe('served');
    },
  );

  it('is refused where the address is taken, in the words of the system', async () => {
    const other = keep(createServer().listen(0, '127.0.0.1'));
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const refused = await bindSocket({ host: '127.0.0.1', port }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AddressRefused);
    expect(refused).toMatchObject({
      code: 'EADDRINUSE',
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    });
  });

  it('is refused where the address is not one of this machine, or has no such name', async () => {
    await expect(bindSocket({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    await expect(bindSocket({ host: 'nowhere.invalid', port: 0 })).rejects.toBeInstanceOf(AddressRefused);
  });
});

describe('the sockets of a node', () => {
  it('are the same for all who want the same, and others when they were closed in between', async () => {
    const sockets = new BoundSockets();
    const address = { host: '127.0.0.1', port: 0 };
    const [first, second] = await Promise.all([
      sockets.obtain('web', address),
      sockets.obtain('web', address),
    ]);
    expect(second).toBe(first);
    sockets.keepOnly(new Set(['other']));
    const third = keep(await sockets.obtain('web', address));
    expect(third).not.toBe(first);
  });

  it('may be asked for again after they were refused', async () => {
    const sockets = new BoundSockets();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(sockets.obtain('web', { host: '127.0.0.1', port })).rejects.toBeInstanceOf(AddressRefused);
    other.close();
    await once(other, 'close');
    keep(await sockets.obtain('web', { host: '127.0.0.1', port }));
  });
});
