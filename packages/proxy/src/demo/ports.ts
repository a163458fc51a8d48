import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

const LOOPBACK = '127.0.0.1';

/**
 * A free port of the loopback address for each wish: the wished one, or another where it is 0 or taken.
 * All are held until the last is chosen, so no two are the same; each is free again when this returns.
 */
export async function choosePorts<Name extends string>(
  wishes: Record<Name, number>,
): Promise<Record<Name, number>> {
  const held: [string, Server][] = [];
  for (const [name, wish] of Object.entries<number>(wishes))
    held.push([name, await hold(wish).catch(() => hold(0))]);
  const ports = held.map(([name, server]) => [name, (server.address() as AddressInfo).port]);
  await Promise.all(held.map(([, server]) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(ports);
}

async function hold(port: number): Promise<Server> {
  const server = createServer().listen(port, LOOPBACK);
  await once(server, 'listening');
  return server;
}
