import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Ports on loopback that nobody listened on a moment ago. They are held until all are known, so they differ;
 * another program may still take one before it is used.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}
