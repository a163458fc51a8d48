import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { IdleConnections } from './idle-connections.ts';

/** A stand-in for a proxy whose sessions are all on `e1`. Disposing of it closes it. */
async function startProxy(handler: RequestListener): Promise<AsyncDisposable & { readonly server: Server }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { server, [Symbol.asyncDispose]: close };
}

const connectionsTo = (server: Server): IdleConnections =>
  new IdleConnections({ port: (server.address() as AddressInfo).port, secure: false }, [
    { cookie: 'a=1', endpoint: 'e1' },
  ]);

const openConnections = async (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

const answer =
  (endpoint: string, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'X-Served-By': endpoint, 'Content-Length': 2 }).end('ok');

describe('idle connections', () => {
  it('are as many as were asked for, and stay open', async () => {
    await using proxy = await startProxy(answer('e1'));
    using connections = connectionsTo(proxy.server);

    await connections.growTo(70);
    await connections.growTo(100);

    expect(await openConnections(proxy.server)).toBe(100);
    expect(connections).toMatchObject({ failed: 0, moved: 0 });
  });

  it('whose request another endpoint answered are counted as moved', async () => {
    await using proxy = await startProxy(answer('e2'));
    using connections = connectionsTo(proxy.server);

    await connections.growTo(3);

    expect(connections).toMatchObject({ failed: 0, moved: 3 });
  });

  it.each<{ name: string; handler: RequestListener }>([
    { name: 'got an error', handler: answer('e1', 503) },
    { name: 'got no answer', handler: (request) => request.socket.destroy() },
    {
      name: 'was the last on its connection',
      handler: (_, response) => response.writeHead(200, { Connection: 'close', 'Content-Length': 0 }).end(),
    },
  ])('whose request $name are counted as failed', async ({ handler }) => {
    await using proxy = await startProxy(handler);
    using connections = connectionsTo(proxy.server);

    await connections.growTo(3);

    await expect.poll(() => connections.failed).toBe(3);
  });
});
