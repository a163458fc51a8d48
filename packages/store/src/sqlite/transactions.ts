import type { DatabaseSync } from 'node:sqlite';
import { type Clock, HoldfastError, sleep } from '@holdfast/shared';
import { isBusy, sqliteError } from './sqlite-error.ts';

/** How long to stand back when another process holds the lock; a commit takes a fraction of it. */
const RETRY_DELAY_MS = 2;

/**
 * Runs work on the database, each piece in one go. SQLite answers at once or says that it is busy; then the work is
 * tried again later, and meanwhile the event loop is free.
 */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #busyTimeoutMs: number;

  constructor(database: DatabaseSync, clock: Clock, busyTimeoutMs: number) {
    this.#database = database;
    this.#clock = clock;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** Runs a single statement that reads, which sees one snapshot by itself. */
  read<T>(what: string, statement: () => T): Promise<T> {
    return this.#attempt(what, statement);
  }

  /** Reads and writes while nobody else writes: all of it takes effect, or nothing. */
  write<T>(what: string, work: () => T): Promise<T> {
    return this.#attempt(what, () => this.#alone(work));
  }

  async #attempt<T>(what: string, work: () => T): Promise<T> {
    const giveUpAtMs = this.#clock.elapsed() + this.#busyTimeoutMs;
    for (;;) {
      if (!this.#database.isOpen) throw new HoldfastError('STORE_CLOSED', `${what}: the store is closed`);
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || this.#clock.elapsed() >= giveUpAtMs) throw sqliteError(error, what);
      }
      await sleep(this.#clock, RETRY_DELAY_MS);
    }
  }

  #alone<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // Some errors have rolled back already; a second ROLLBACK would hide them behind its own.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
