import type { AddressInfo, Server } from 'node:net';
import type { ListenAddress } from '@holdfast/shared/config';

const BACKLOG = 4096;

/** Has the server accept at the address; answers with the port that it got. Rejects if the address cannot be had. */
export function listenOn(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}
