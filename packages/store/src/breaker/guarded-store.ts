import {
  type CancelTimer,
  type Clock,
  HoldfastError,
  type Logger,
  type Random,
  sessionKey,
} from '@holdfast/shared';
import { withDeadline } from '../deadline.ts';
import type { SessionStore } from '../session-store.ts';
import type { Store } from '../store.ts';
import {
  type Circuit,
  type CircuitEvent,
  type CircuitLimits,
  closedCircuit,
  isFlowing,
  nextCircuit,
} from './circuit.ts';

/** Whether the store is being asked: `unavailable` means that every operation fails at once. */
export type StoreState = 'available' | 'unavailable';

export interface GuardOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The longest that one operation may take, in milliseconds; then it has failed with `STORE_UNAVAILABLE`. */
  readonly commandTimeoutMs: number;
}

/** A store that cannot hold anybody up. */
export interface GuardedStore extends Store {
  readonly state: StoreState;
  /** Adds a listener that hears every change of {@link state}, for as long as the store is open. */
  onStateChange(listener: (state: StoreState) => void): void;
}

const LIMITS: CircuitLimits = { failuresMax: 5, failingMsMax: 200 };
const PROBE_INTERVAL_MS = 250;

/** A key of the right shape that no session has: probes read it. */
const PROBE_KEY = sessionKey('holdfast-probe-no-sess');

/**
 * Decorates a store with a deadline for each session operation and a circuit breaker over all of them.
 *
 * The circuit opens after five failures in a row, or once nothing but failures came back for 200 ms; then
 * operations fail at once with `STORE_UNAVAILABLE`. Every 250 ms, give or take a quarter, the store is probed with
 * a read of its own, so that no request pays for finding out; the first answer closes the circuit. Only
 * `STORE_UNAVAILABLE` counts as failure: any other outcome is an answer. Inventory, invalidations and drains pass
 * through, because no request waits for them.
 */
export function guardedStore(store: Store, options: GuardOptions): GuardedStore {
  const guard = new Guard(store.sessions, options);
  return {
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
      guard.stopProbing();
      return store.close();
    },
  };
}

class Guard implements SessionStore {
  readonly #sessions: SessionStore;
  readonly #options: GuardOptions;
  readonly #listeners: ((state: StoreState) => void)[] = [];
  #circuit: Circuit = closedCircuit;
  #isStopped = false;
  #cancelProbe: CancelTimer = () => {};
  #lastFailure = '';

  constructor(sessions: SessionStore, options: GuardOptions) {
    this.#sessions = sessions;
    this.#options = options;
  }

  readonly find: SessionStore['find'] = (key, nowMs) =>
    this.#guarded('find', () => this.#sessions.find(key, nowMs));

  readonly pin: SessionStore['pin'] = (key, proposed, nowMs) =>
    this.#guarded('pin', () => this.#sessions.pin(key, proposed, nowMs));

  readonly repin: SessionStore['repin'] = (key, expectedVersion, proposed, nowMs) =>
    this.#guarded('repin', () => this.#sessions.repin(key, expectedVersion, proposed, nowMs));

  readonly touch: SessionStore['touch'] = (touches, nowMs) =>
    this.#guarded('touch', () => this.#sessions.touch(touches, nowMs));

  readonly unpin: SessionStore['unpin'] = (key, expectedVersion, nowMs) =>
    this.#guarded('unpin', () => this.#sessions.unpin(key, expectedVersion, nowMs));

  get state(): StoreState {
    return isFlowing(this.#circuit) ? 'available' : 'unavailable';
  }

  onStateChange(listener: (state: StoreState) => void): void {
    this.#listeners.push(listener);
  }

  stopProbing(): void {
    this.#isStopped = true;
    this.#cancelProbe();
  }

  async #guarded<T>(what: keyof SessionStore, work: () => Promise<T>): Promise<T> {
    // A closed store answers for itself, so that callers see STORE_CLOSED and not the circuit.
    if (!isFlowing(this.#circuit) && !this.#isStopped) {
      throw new HoldfastError('STORE_UNAVAILABLE', `${what}: the store has been failing and is not asked`);
    }
    const { clock, commandTimeoutMs } = this.#options;
    const startedAtMs = clock.elapsed();
    try {
      const result = await withDeadline(clock, commandTimeoutMs, what, work());
      this.#report({ kind: 'answered' });
      return result;
    } catch (error) {
      if (isUnavailable(error)) {
        this.#lastFailure = error.message;
        this.#report({ kind: 'failed', startedAtMs, atMs: clock.elapsed() });
      } else {
        this.#report({ kind: 'answered' });
      }
      throw error;
    }
  }

  #report(event: CircuitEvent): void {
    const before = this.#circuit;
    const after = nextCircuit(before, event, LIMITS);
    this.#circuit = after;
    if (after.kind === 'open' && before.kind !== 'open') this.#scheduleProbe();
    if (isFlowing(before) !== isFlowing(after)) this.#announce();
  }

  #announce(): void {
    const { state } = this;
    const reason = state === 'unavailable' ? { store_error: this.#lastFailure } : {};
    this.#options.logger.info({ store_state: state, ...reason }, `the store is ${state}`);
    for (const listener of this.#listeners) listener(state);
  }

  #scheduleProbe(): void {
    if (this.#isStopped) return;
    const { clock, random } = this.#options;
    // Without jitter, all nodes of a cluster would knock on a recovering store in the same instant.
    const delayMs = PROBE_INTERVAL_MS * (0.75 + random.unit() / 2);
    this.#cancelProbe = clock.after(delayMs, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    this.#report({ kind: 'probe-started' });
    const { clock, commandTimeoutMs } = this.#options;
    try {
      await withDeadline(clock, commandTimeoutMs, 'probe', this.#sessions.find(PROBE_KEY, clock.now()));
      this.#report({ kind: 'probe-answered' });
    } catch (error) {
      this.#report({ kind: isUnavailable(error) ? 'probe-failed' : 'probe-answered' });
    }
  }
}

const isUnavailable = (error: unknown): error is HoldfastError =>
  error instanceof HoldfastError && error.code === 'STORE_UNAVAILABLE';
