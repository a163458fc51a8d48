import type { Logger } from '@holdfast/shared';
import { formatListenAddress } from '@holdfast/shared/config';
import { AddressRefused } from './bound-socket.ts';
import { BoundSockets } from './bound-sockets.ts';
import type { WorkerMessage } from './messages.ts';
import type { WorkerHandle } from './worker-process.ts';

type Serving = Extract<WorkerMessage, { kind: 'serving' }>;

/** Where workers get the sockets on which they accept. */
export class SocketDesk {
  readonly #sockets = new BoundSockets();
  readonly #announced = new Set<string>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Gives a worker the socket that it wants, or tells it why there is none. */
  async give(
    worker: WorkerHandle,
    { key, address }: Extract<WorkerMessage, { kind: 'want-socket' }>,
  ): Promise<void> {
    try {
      const { handle } = await this.#sockets.obtain(key, address);
      worker.send({ kind: 'socket', key }, handle);
    } catch (error) {
      if (!(error instanceof AddressRefused)) throw error;
      worker.send({ kind: 'socket', key, refusal: { code: error.code, message: error.message } });
    }
  }

  /** Tells once of each socket where it is, as soon as somebody accepts on it. */
  async announce(sockets: Serving['sockets']): Promise<void> {
    for (const { listener, key } of sockets) {
      if (this.#announced.has(key)) continue;
      this.#announced.add(key);
      const address = await this.#sockets.addressOf(key);
      if (address !== undefined) {
        this.#log.info({ listener, address: formatListenAddress(address) }, 'listening');
      }
    }
  }

  /** Closes the sockets on which none of these accepts. Whoever else still does has them open until it ends. */
  keepOnly(workers: readonly Serving[]): void {
    const used = new Set(workers.flatMap(({ sockets }) => sockets.map(({ key }) => key)));
    // While no worker serves, the sockets are what keeps clients from being refused.
    if (used.size === 0) return;
    this.#sockets.keepOnly(used);
    for (const key of this.#announced) if (!used.has(key)) this.#announced.delete(key);
  }
}
