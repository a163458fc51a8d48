import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '@holdfast/shared/config';
import { createAdaptorServer } from '@hono/node-server';
import { createAdminApp, type Operations } from './admin-app.ts';

/** The admin listener: apart from the clients' listeners, on loopback unless a token guards it. */
export class AdminListener {
  readonly #listen: ListenAddress;
  readonly #server: Server;

  constructor(listen: ListenAddress, operations: Operations) {
    this.#listen = listen;
    this.#server = createAdaptorServer({
      fetch: createAdminApp(operations).fetch,
      overrideGlobalObjects: false,
    }) as Server;
  }

  open(): Promise<ListenAddress> {
    const { host, port } = this.#listen;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve({ host, port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
