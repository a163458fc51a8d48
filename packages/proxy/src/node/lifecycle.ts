import { type Clock, HoldfastError, type Logger, sleep } from '@holdfast/shared';
import { type Config, formatListenAddress, type ListenAddress } from '@holdfast/shared/config';
import type { AdminListener } from '../admin/admin-listener.ts';
import type { NodeStatus } from '../admin/node-status.ts';
import type { Listener } from '../listener/listener.ts';
import type { Prober } from '../probe/prober.ts';
import type { ServedPool } from './build-pools.ts';
import type { OpenedStore } from './open-store.ts';

/** Everything that must be started in order and ended in order. */
export interface LifecycleParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: OpenedStore;
  readonly listeners: readonly Listener[];
  readonly admin: AdminListener | undefined;
  readonly pools: readonly ServedPool[];
  readonly probers: readonly Prober[];
  readonly status: NodeStatus;
}

export interface Addresses {
  readonly listeners: ReadonlyMap<string, ListenAddress>;
  readonly admin: ListenAddress | undefined;
}

/** Starts a node, and lets it leave without losing a request. */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  #leaving: Promise<void> | undefined;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /** Opens the admin listener first, so that a node can be asked why it is not ready. */
  async start(): Promise<Addresses> {
    const { admin, config, listeners, probers, status } = this.#parts;
    const adminAddress = await admin
      ?.open()
      .catch((error) => this.#refuse('admin', config.admin?.listen, error));
    const addresses = new Map<string, ListenAddress>();
    for (const [index, listener] of listeners.entries()) {
      const wanted = config.listeners[index]?.listen;
      addresses.set(
        listener.name,
        await listener.open().catch((error) => this.#refuse(listener.name, wanted, error)),
      );
    }
    for (const prober of probers) prober.start();
    status.phase = 'serving';
    return { listeners: addresses, admin: adminAddress };
  }

  /** Called twice, it is the same shutdown. */
  shutdown(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  abort(): void {
    for (const listener of this.#parts.listeners) listener.abort();
  }

  async #leave(): Promise<void> {
    const { admin, clock, config, listeners, log, pools, probers, status, store } = this.#parts;
    const { delay, deadline } = config.shutdown;
    log.info({ delay_ms: delay, deadline_ms: deadline }, 'shutting down');
    status.phase = 'leaving';
    for (const listener of listeners) listener.leave();
    // Clients find this node through DNS until the records' lifetime is over, and are served as long.
    if (delay > 0) await sleep(clock, delay);
    await Promise.all(listeners.map((listener) => listener.close(deadline)));
    for (const prober of probers) prober.stop();
    for (const pool of pools) pool.close();
    await store.guarded.close();
    await admin?.close();
    log.info({}, 'shut down');
  }

  async #refuse(name: string, address: ListenAddress | undefined, error: unknown): Promise<never> {
    const { admin, listeners, store } = this.#parts;
    await Promise.all(listeners.map((listener) => listener.close(0)));
    await Promise.all([store.guarded.close(), admin?.close()]);
    const where = address === undefined ? '' : ` on ${formatListenAddress(address)}`;
    const why = error instanceof Error ? error.message : String(error);
    throw new HoldfastError('INTERNAL', `listener "${name}" cannot listen${where}: ${why}`, error);
  }
}
