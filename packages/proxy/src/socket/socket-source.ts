import type { ListenOptions } from 'node:net';
import type { ListenAddress } from '@holdfast/shared/config';

/** What `server.listen()` takes: an address, or an object with the handle of a socket that has one already. */
export type Listenable = ListenOptions | { readonly _handle: unknown };

/** Where listeners get the sockets on which they accept. */
export interface SocketSource {
  /** Whether other processes accept on the same sockets. */
  readonly isShared: boolean;
  /** Rejects if the address cannot be had. */
  socketFor(listener: string, address: ListenAddress): Promise<Listenable>;
}

/** Every listener binds its own. */
export const ownSockets: SocketSource = {
  isShared: false,
  socketFor: async (_listener, { host, port }) => ({ host, port }),
};
