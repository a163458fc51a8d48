import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, systemRandom } from '@holdfast/shared';
import { formatListenAddress, type ListenAddress } from '@holdfast/shared/config';
import { createAdaptorServer } from '@hono/node-server';
import { pause } from '../pause.ts';
import { stopSignal } from '../stop-signal.ts';
import { CartShelf } from './cart-shelf.ts';
import { createShop, type ShopOptions } from './shop-app.ts';

/** An endpoint of the shop, and where it listens. */
export interface ShopPlan extends Omit<ShopOptions, 'shelf'> {
  readonly listen: ListenAddress;
}

/**
 * Serves the shop from the memory of this process.
 *
 * @throws the system's own error if the address cannot be had
 */
export async function serveShop({ listen, ...shop }: ShopPlan): Promise<Server> {
  const app = createShop({ ...shop, shelf: new CartShelf(systemRandom()) });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await once(server.listen(listen.port, listen.host), 'listening');
  return server;
}

const LOOK_EVERY_MS = 50;

/** Serves the shop until a signal ends it, and then what is under way. @param print takes a line: where that is */
export async function runShop(plan: ShopPlan, print: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const signal = stopSignal(cleanup);
  const server = await serveShop(plan);
  const { address, port } = server.address() as AddressInfo;
  print(`${plan.endpoint} listens on ${formatListenAddress({ host: address, port })}`);
  if (!signal.aborted) await once(signal, 'abort');
  const closed = new AbortController();
  server.close(() => closed.abort());
  // A connection that was busy would be kept for the next request, which is to go elsewhere.
  while (!closed.signal.aborted) {
    await pause(systemClock, LOOK_EVERY_MS, closed.signal);
    server.closeIdleConnections();
  }
}
