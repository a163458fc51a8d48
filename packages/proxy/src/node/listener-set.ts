import { HoldfastError, sleep } from '@holdfast/shared';
import {
  type Config,
  formatListenAddress,
  type ListenAddress,
  type ListenerConfig,
} from '@holdfast/shared/config';
import type { Listener } from '../listener/listener.ts';
import type { CertificateExpiry } from '../tls/certificates.ts';
import {
  type BuiltListener,
  buildListener,
  type ListenerEnvironment,
  type ListenerResources,
} from './build-listener.ts';
import { matchListeners } from './listener-match.ts';

/** The next listeners of a node, ready to be taken on. Those that are new accept already. */
export interface PreparedListeners {
  /** @param shutdown how listeners that are no longer wanted leave */
  commit(shutdown: Config['shutdown']): void;
  /** Closes those that are new. */
  discard(): Promise<void>;
}

interface RunningListener extends BuiltListener {
  readonly config: ListenerConfig;
  readonly address: ListenAddress;
}

/** The listeners of a node. */
export class ListenerSet {
  readonly #environment: ListenerEnvironment;
  readonly #leaving = new Set<Listener>();
  #running: readonly RunningListener[] = [];
  #terminations: ListenerResources['terminations'] = new Map();

  constructor(environment: ListenerEnvironment) {
    this.#environment = environment;
  }

  get all(): readonly Listener[] {
    return this.#running.map(({ listener }) => listener);
  }

  /** The certificates of the listeners that speak TLS, by the name of the listener. */
  get certificates(): ReadonlyMap<string, readonly CertificateExpiry[]> {
    return new Map([...this.#terminations].map(([name, { expiries }]) => [name, expiries]));
  }

  /** Where each listener accepts, by its name. */
  get addresses(): ReadonlyMap<string, ListenAddress> {
    return new Map(this.#running.map(({ config, address }) => [config.name, address]));
  }

  /**
   * Opens the listeners that are new, without a change to those that accept.
   *
   * @throws HoldfastError `INTERNAL` naming the listener and its address, if that cannot be had; then none is opened
   */
  async prepare(
    configs: readonly ListenerConfig[],
    resources: ListenerResources,
  ): Promise<PreparedListeners> {
    const { next, left } = matchListeners(this.#running, configs);
    const opened: RunningListener[] = [];
    const reconfigure: (() => void)[] = [];
    const all: RunningListener[] = [];
    const discard = async (): Promise<void> => {
      await Promise.all(opened.map(({ listener }) => listener.close(0)));
    };
    try {
      for (const { config, running } of next) {
        if (running === undefined) opened.push(await this.#open(config, resources));
        else reconfigure.push(running.prepare(config, resources));
        all.push(running === undefined ? (opened.at(-1) as RunningListener) : { ...running, config });
      }
    } catch (error) {
      await discard();
      throw error;
    }
    const commit = (shutdown: Config['shutdown']): void => {
      this.#running = all;
      this.#terminations = resources.terminations;
      for (const goOver of reconfigure) goOver();
      for (const { config, address } of opened) this.#told(config, address);
      for (const { listener } of left) void this.#retire(listener, shutdown);
    };
    return { commit, discard };
  }

  /** From now on every response asks its client to come back elsewhere. */
  leave(): void {
    for (const listener of this.all) listener.leave();
  }

  /** Stops to accept and waits for what is in flight; at the deadline ends it. See {@link Listener.close}. */
  async close(deadlineMs: number, lingerMs?: number): Promise<void> {
    const listeners = [...this.all, ...this.#leaving];
    await Promise.all(listeners.map((listener) => listener.close(deadlineMs, lingerMs)));
  }

  abort(): void {
    for (const listener of [...this.all, ...this.#leaving]) listener.abort();
  }

  async #open(config: ListenerConfig, resources: ListenerResources): Promise<RunningListener> {
    const built = buildListener(config, resources, this.#environment);
    try {
      return { ...built, config, address: await built.listener.open() };
    } catch (error) {
      await built.listener.close(0);
      throw cannotListen(config.name, config.listen, error);
    }
  }

  #told({ name }: ListenerConfig, address: ListenAddress): void {
    const { log, sockets } = this.#environment;
    // Whoever shares a socket out tells of it, once for all.
    if (sockets.isShared) return;
    log.info({ listener: name, address: formatListenAddress(address) }, 'listening');
  }

  /** As at a shutdown: clients that still come are served for the delay, and asked to come back elsewhere. */
  async #retire(listener: Listener, { delay, deadline }: Config['shutdown']): Promise<void> {
    this.#leaving.add(listener);
    listener.leave();
    if (delay > 0) await sleep(this.#environment.clock, delay);
    await listener.close(deadline);
    this.#leaving.delete(listener);
  }
}

/** @param name of the listener; `admin` for that of operators */
export function cannotListen(name: string, address: ListenAddress, error: unknown): HoldfastError {
  const why = error instanceof Error ? error.message : String(error);
  const where = formatListenAddress(address);
  return new HoldfastError('INTERNAL', `listener "${name}" cannot listen on ${where}: ${why}`, error);
}
