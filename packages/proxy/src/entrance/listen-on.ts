import type { AddressInfo, Server } from 'node:net';
import type { ListenAddress } from '@holdfast/shared/config';
import type { SocketSource } from '../socket/socket-source.ts';

const BACKLOG = 4096;

/** Has the server of a listener accept; answers with the port that it got. Rejects if the address cannot be had. */
export async function listenOn(
  server: Server,
  listener: string,
  address: ListenAddress,
  sockets: SocketSource,
): Promise<ListenAddress> {
  const socket = await sockets.socketFor(listener, address);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...socket, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve({ host: address.host, port: (server.address() as AddressInfo).port });
    });
  });
}
