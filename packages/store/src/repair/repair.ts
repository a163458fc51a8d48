import type { CancelTimer, Clock, Logger } from '@holdfast/shared';
import { afterTaking, fullPermits, type Permits } from './permits.ts';
import { nextMode, normalMode, type StoreMode, type StoreModeEvent } from './store-mode.ts';

export interface RepairOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many sessions this process writes back per second at most. A tenth of that may come at once. */
  readonly writeBacksPerSecond: number;
}

/** How often a session was about to be written back. */
export interface WriteBackCounts {
  readonly admitted: number;
  /** Each time that a session had to wait for a later request of its own. */
  readonly refused: number;
}

/**
 * Gives a map that has lost its sessions time to get them back. Sessions are written back when they are used. Whoever is
 * about to write one back asks here first; one that is not admitted is served without, and a later request of it tries
 * again. So nothing waits and nothing fails.
 */
export class Repair {
  readonly #options: RepairOptions;
  readonly #counts = { admitted: 0, refused: 0 };
  readonly #listeners: ((mode: StoreMode['kind']) => void)[] = [];
  #permits: Permits;
  #mode: StoreMode = normalMode;
  #cancelCheck: CancelTimer = () => {};

  constructor(options: RepairOptions) {
    this.#options = options;
    this.#permits = fullPermits(options.writeBacksPerSecond, options.clock.elapsed());
  }

  get mode(): StoreMode['kind'] {
    return this.#mode.kind;
  }

  /** The counts since the start: one object that changes. */
  get counts(): WriteBackCounts {
    return this.#counts;
  }

  /** Adds a listener that hears every change of {@link mode}, for as long as the store is open. */
  onModeChange(listener: (mode: StoreMode['kind']) => void): void {
    this.#listeners.push(listener);
  }

  /** Whether one more session may be written back now. */
  admits(): boolean {
    const { clock, writeBacksPerSecond } = this.#options;
    const atMs = clock.elapsed();
    const left = afterTaking(this.#permits, writeBacksPerSecond, atMs);
    if (left === undefined) {
      this.#counts.refused += 1;
      this.#apply({ kind: 'write-back-refused', atMs });
      return false;
    }
    this.#counts.admitted += 1;
    this.#permits = left;
    return true;
  }

  storeLost(): void {
    this.#apply({ kind: 'store-lost' });
  }

  storeBack(): void {
    this.#apply({ kind: 'store-back', atMs: this.#options.clock.elapsed() });
  }

  /** Ends the timer, if there is one. */
  stop(): void {
    this.#cancelCheck();
  }

  #apply(event: StoreModeEvent): void {
    const before = this.#mode;
    const after = nextMode(before, event);
    this.#mode = after;
    if (after.kind === before.kind) return;
    this.#cancelCheck();
    if (after.kind === 'reconciling') this.#checkAt(after.untilMs);
    this.#announce(event);
  }

  /** A write-back that is refused meanwhile puts the end off: then the timer is set once more. */
  #checkAt(untilMs: number): void {
    const { clock } = this.#options;
    this.#cancelCheck = clock.after(untilMs - clock.elapsed(), () => {
      this.#apply({ kind: 'checked', atMs: clock.elapsed() });
      if (this.#mode.kind === 'reconciling') this.#checkAt(this.#mode.untilMs);
    });
  }

  #announce({ kind }: StoreModeEvent): void {
    const { mode } = this;
    const { admitted, refused } = this.#counts;
    const fields = { store_mode: mode, write_backs: admitted, write_backs_refused: refused };
    // Of a store that goes away and comes back, its guard tells.
    if (kind === 'write-back-refused')
      this.#options.logger.info(fields, 'the store has lost sessions, which are written back');
    if (kind === 'checked') this.#options.logger.info(fields, 'the store is repaired');
    for (const listener of this.#listeners) listener(mode);
  }
}
