import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '@holdfast/shared/config';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

/** A socket of a node that serves an app to people and programs that look after it; no client of the application comes here. */
export class AppListener {
  readonly #listen: ListenAddress;
  readonly #server: Server;

  constructor(listen: ListenAddress, app: Pick<Hono, 'fetch'>) {
    this.#listen = listen;
    this.#server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  }

  /** Rejects if the address cannot be had. */
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
