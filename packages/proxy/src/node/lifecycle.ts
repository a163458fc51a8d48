import { type Clock, type Logger, sleep } from '@holdfast/shared';
import type { ListenAddress } from '@holdfast/shared/config';
import type { AdminListener } from '../admin/admin-listener.ts';
import type { NodeStatus } from '../admin/node-status.ts';
import type { ClusterWatch } from '../cluster/cluster-watch.ts';
import type { NodeTelemetry } from '../telemetry/node-telemetry.ts';
import type { CurrentConfig } from './current-config.ts';
import { Departure } from './departure.ts';
import { cannotListen, type ListenerSet } from './listener-set.ts';
import type { PreparedParts } from './node-parts.ts';
import type { OpenedStore } from './open-store.ts';
import type { PoolSet } from './pool-set.ts';
import type { Reloader } from './reloader.ts';

/** Everything that must be started in order and ended in order. */
export interface LifecycleParts {
  readonly current: CurrentConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: { readonly guarded: Pick<OpenedStore['guarded'], 'close'> };
  readonly pools: Pick<PoolSet, 'startProbes' | 'close'>;
  readonly cluster: Pick<ClusterWatch, 'beat' | 'leave'>;
  readonly listeners: Pick<ListenerSet, 'leave' | 'close' | 'abort'>;
  readonly admin: Pick<AdminListener, 'open' | 'close'> | undefined;
  /** Where its metrics go. Default: nowhere. */
  readonly telemetry?: Pick<NodeTelemetry, 'open' | 'close'> | undefined;
  readonly status: Pick<NodeStatus, 'phase'>;
  /** Whether this process probes endpoints from its start. */
  readonly probes: boolean;
  /** Makes what the configuration needs: it opens the listeners. */
  readonly prepare: () => Promise<PreparedParts>;
  readonly reloader: Pick<Reloader, 'start' | 'stop'>;
}

/** Starts a node, and lets it leave without losing a request. */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  readonly #departure: Departure;
  #leaving: Promise<void> | undefined;
  #isHandingOver = false;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    this.#departure = new Departure(parts.clock);
  }

  /**
   * Opens the admin listener first, so that a node can be asked why it is not ready. Answers with where that is.
   *
   * @throws HoldfastError if an address or a file cannot be had; then nothing is left open
   */
  async start(): Promise<ListenAddress | undefined> {
    const { pools, prepare, probes, reloader, status, telemetry } = this.#parts;
    try {
      const address = await this.#openAdmin();
      await telemetry?.open();
      (await prepare()).commit();
      if (probes) pools.startProbes();
      status.phase = 'serving';
      reloader.start();
      return address;
    } catch (error) {
      await this.#closeTheRest();
      throw error;
    }
  }

  /**
   * Is ready no more and has clients come back elsewhere, but serves those that come. Called again, it tells how far that is.
   *
   * @returns how many milliseconds of `shutdown.delay` are left, in which clients may still find this node; undefined if it
   *   does not serve yet
   */
  leave(): number | undefined {
    const { current, listeners, reloader, status } = this.#parts;
    if (status.phase === 'starting') return undefined;
    if (this.#departure.begin(current.config.shutdown.delay)) {
      reloader.stop();
      status.phase = 'leaving';
      listeners.leave();
    }
    return this.#departure.remainingMs;
  }

  /** Called twice, it is the same shutdown. One that has been told to leave before waits only for what is left of the delay. */
  shutdown(): Promise<void> {
    const { current, listeners } = this.#parts;
    // What is left of a handing over has nobody to wait for any more.
    if (this.#isHandingOver) void listeners.close(current.config.shutdown.deadline);
    this.#leaving ??= this.#shutDown();
    return this.#leaving;
  }

  /**
   * Leaves the clients to the other processes that accept on the same sockets: stops to accept now, answers what still
   * comes on open connections with `Connection: close`, and is over when they are, or at the deadline.
   */
  handOver(): Promise<void> {
    const { cluster, current, reloader, status } = this.#parts;
    this.#isHandingOver = true;
    // The node goes on: it is not for this process to say how it is.
    cluster.beat(false);
    reloader.stop();
    status.phase = 'leaving';
    this.#leaving ??= this.#close(current.config.shutdown.deadline);
    return this.#leaving;
  }

  abort(): void {
    this.#parts.listeners.abort();
  }

  async #openAdmin(): Promise<ListenAddress | undefined> {
    const { admin, current } = this.#parts;
    const listen = current.config.admin?.listen;
    if (admin === undefined || listen === undefined) return undefined;
    try {
      return await admin.open();
    } catch (error) {
      throw cannotListen('admin', listen, error);
    }
  }

  async #shutDown(): Promise<void> {
    const { clock, current, log } = this.#parts;
    const { delay, deadline } = current.config.shutdown;
    log.info({ delay_ms: delay, deadline_ms: deadline }, 'shutting down');
    // Clients find this node through DNS until the records' lifetime is over, and are served as long.
    const remainingMs = this.leave() ?? 0;
    if (remainingMs > 0) await sleep(clock, remainingMs);
    await this.#close();
    log.info({}, 'shut down');
  }

  async #close(lingerMs?: number): Promise<void> {
    const { current, listeners, pools } = this.#parts;
    await listeners.close(current.config.shutdown.deadline, lingerMs);
    pools.close();
    await this.#closeTheRest();
  }

  async #closeTheRest(): Promise<void> {
    const { admin, cluster, store, telemetry } = this.#parts;
    await cluster.leave();
    await store.guarded.close();
    await telemetry?.close();
    await admin?.close();
  }
}
