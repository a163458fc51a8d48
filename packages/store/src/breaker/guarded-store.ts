import {
  type CancelTimer,
  type Clock,
  HoldfastError,
  type Logger,
  type Random,
  type SessionKey,
} from '@holdfast/shared';
import { Repair } from '../repair/index.ts';
import type { SessionStore, Touch, TouchResult } from '../session-store.ts';
import type { Store } from '../store.ts';
import { Breaker } from './breaker.ts';

/**
 * Whether the store is being asked: `unavailable` means that operations fail at once, on a part of it at least. A
 * `read-only` one is asked, and has refused to write in the last five seconds, and not written since.
 */
export type StoreState = 'available' | 'read-only' | 'unavailable';

export interface GuardOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The longest that one operation may take, in milliseconds; then it has failed with `STORE_UNAVAILABLE`. */
  readonly commandTimeoutMs: number;
  /** The most sessions that are written back per second. Default: 2,000. */
  readonly writeBacksPerSecond?: number;
}

/** A store that cannot hold anybody up. */
export interface GuardedStore extends Store {
  readonly state: StoreState;
  /** What becomes of sessions that the store has lost, or has not got. */
  readonly repair: Repair;
  /** Adds a listener that hears every change of {@link state}, for as long as the store is open. */
  onStateChange(listener: (state: StoreState) => void): void;
}

const WRITE_BACKS_PER_SECOND = 2_000;
/** How long a store that has refused to write is taken for one that goes on to. */
const REFUSAL_MS = 5_000;

/**
 * Decorates a store with a deadline for each session operation and a circuit breaker for each of its parts.
 *
 * A circuit opens after five failures in a row, or once nothing but failures came back for 200 ms; then operations fail
 * at once with `STORE_UNAVAILABLE`. Every 250 ms, give or take a quarter, the session that failed last is looked up, so
 * that no request pays for finding out; the first answer closes the circuit. Only `STORE_UNAVAILABLE` counts as failure:
 * any other outcome is an answer, also that the store does not write. Inventory, invalidations, drains and members pass
 * through, because no request waits for them.
 */
export function guardedStore(store: Store, options: GuardOptions): GuardedStore {
  const { clock, logger, writeBacksPerSecond = WRITE_BACKS_PER_SECOND } = options;
  const guard = new Guard(store, options);
  const repair = new Repair({ clock, logger, writeBacksPerSecond });
  guard.onStateChange((state) => (state === 'available' ? repair.storeBack() : repair.storeLost()));
  return {
    repair,
    sessions: guard,
    inventory: store.inventory,
    invalidations: store.invalidations,
    drains: store.drains,
    membership: store.membership,
    get state() {
      return guard.state;
    },
    onStateChange: (listener) => guard.onStateChange(listener),
    close() {
      guard.stop();
      repair.stop();
      return store.close();
    },
  };
}

class Guard implements SessionStore {
  readonly #sessions: SessionStore;
  readonly #partOf: (key: SessionKey) => string;
  readonly #options: GuardOptions;
  readonly #breakers = new Map<string, Breaker>();
  readonly #listeners: ((state: StoreState) => void)[] = [];
  /** With which words the store has refused to write lately. */
  #refusal: string | undefined;
  #state: StoreState = 'available';
  #isStopped = false;
  #cancelRefusal: CancelTimer = () => {};

  constructor({ sessions, partOf = () => '' }: Store, options: GuardOptions) {
    this.#sessions = sessions;
    this.#partOf = partOf;
    this.#options = options;
  }

  readonly find: SessionStore['find'] = (key, nowMs) =>
    this.#guarded('find', key, () => this.#sessions.find(key, nowMs));

  readonly pin: SessionStore['pin'] = async (key, proposed, nowMs) => {
    const result = await this.#guarded('pin', key, () => this.#sessions.pin(key, proposed, nowMs));
    if (result.kind === 'pinned') this.#noteRefusal(undefined);
    return result;
  };

  readonly repin: SessionStore['repin'] = async (key, expectedVersion, proposed, nowMs) => {
    const work = () => this.#sessions.repin(key, expectedVersion, proposed, nowMs);
    const result = await this.#guarded('repin', key, work);
    if (result.kind === 'repinned') this.#noteRefusal(undefined);
    return result;
  };

  readonly touch: SessionStore['touch'] = async (touches, nowMs) => {
    const results = new Map<Touch, TouchResult>();
    const parts = Map.groupBy(touches, ({ key }) => this.#partOf(key)).values();
    const work = [...parts].map(async (some) => {
      const [{ key }] = some as [Touch];
      const answers = await this.#guarded('touch', key, () => this.#sessions.touch(some, nowMs));
      for (const [index, answer] of answers.entries()) results.set(some[index] as Touch, answer);
    });
    await Promise.all(work);
    return touches.map((touch) => results.get(touch) as TouchResult);
  };

  readonly unpin: SessionStore['unpin'] = (key, expectedVersion, nowMs) =>
    this.#guarded('unpin', key, () => this.#sessions.unpin(key, expectedVersion, nowMs));

  get state(): StoreState {
    return this.#state;
  }

  onStateChange(listener: (state: StoreState) => void): void {
    this.#listeners.push(listener);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRefusal();
    for (const breaker of this.#breakers.values()) breaker.stop();
  }

  async #guarded<T>(what: keyof SessionStore, key: SessionKey, work: () => Promise<T>): Promise<T> {
    const probe = () => this.#sessions.find(key, this.#options.clock.now());
    try {
      return await this.#breakerOf(key).run({ what, work, probe });
    } catch (error) {
      const { code, message } = HoldfastError.from(error);
      if (code === 'STORE_READ_ONLY') this.#noteRefusal(message);
      throw error;
    }
  }

  #breakerOf(key: SessionKey): Breaker {
    const part = this.#partOf(key);
    let breaker = this.#breakers.get(part);
    if (breaker === undefined) {
      breaker = new Breaker({ ...this.#options, onChange: (why) => this.#update(why) });
      this.#breakers.set(part, breaker);
    }
    return breaker;
  }

  #noteRefusal(refusal: string | undefined): void {
    if (refusal === undefined && this.#refusal === undefined) return;
    this.#refusal = refusal;
    this.#cancelRefusal();
    if (refusal !== undefined && !this.#isStopped) {
      // Who has nothing to write would never find out.
      this.#cancelRefusal = this.#options.clock.after(REFUSAL_MS, () => this.#noteRefusal(undefined));
    }
    this.#update(refusal);
  }

  #update(why: string | undefined): void {
    const state = this.#stateNow();
    if (state === this.#state) return;
    this.#state = state;
    const reasons = { available: undefined, 'read-only': this.#refusal, unavailable: why };
    this.#options.logger.info({ store_state: state, store_error: reasons[state] }, `the store is ${state}`);
    for (const listener of this.#listeners) listener(state);
  }

  #stateNow(): StoreState {
    for (const { isFlowing } of this.#breakers.values()) if (!isFlowing) return 'unavailable';
    return this.#refusal === undefined ? 'available' : 'read-only';
  }
}
