import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CancelTimer, Clock, SessionKey } from '@holdfast/shared';
import { InvalidationListeners } from '../invalidation-listeners.ts';
import type { InvalidationListener, Invalidations } from '../invalidations.ts';

const POLL_INTERVAL_MS = 100;

/** After this long without a successful poll, what was read last is no longer news. */
const SILENCE_MS = 1_000;

/** More changes than this at once are not told one by one. */
const CHANGES_PER_POLL_MAX = 1_000;

interface Change {
  readonly key: SessionKey;
  readonly version: number;
}

/**
 * Reads the changes that all processes write in the transaction of each re-pin and unpin. Sequence numbers have no
 * gaps, so it can tell whether any was pruned before it was read.
 */
export class SqliteInvalidations implements Invalidations {
  readonly #clock: Clock;
  readonly #listeners = new InvalidationListeners();
  readonly #latest: StatementSync;
  readonly #since: StatementSync;
  #seen: number;
  #polledAtMs: number;
  #isStopped = false;
  #cancelPoll: CancelTimer;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#clock = clock;
    this.#latest = database.prepare(
      `SELECT COALESCE(MAX(seq), 0) AS latest FROM sqlite_sequence WHERE name = 'changes'`,
    );
    this.#since = database.prepare(
      'SELECT key, version FROM changes WHERE sequence > ? AND sequence <= ? ORDER BY sequence',
    );
    this.#seen = this.#latestSequence();
    this.#polledAtMs = clock.elapsed();
    this.#cancelPoll = this.#schedulePoll();
  }

  isLive(): boolean {
    return !this.#isStopped && this.#clock.elapsed() - this.#polledAtMs < SILENCE_MS;
  }

  subscribe(listener: InvalidationListener): void {
    this.#listeners.add(listener);
  }

  /** Ends polling, before the database is closed. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelPoll();
  }

  #schedulePoll(): CancelTimer {
    return this.#clock.after(POLL_INTERVAL_MS, () => {
      this.#cancelPoll = this.#schedulePoll();
      this.#poll();
    });
  }

  #poll(): void {
    const news = this.#readNews();
    if (news === 'missed') this.#listeners.changesMissed();
    else for (const { key, version } of news) this.#listeners.sessionChanged(key, version);
  }

  #readNews(): readonly Change[] | 'missed' {
    try {
      const latest = this.#latestSequence();
      const expected = latest - this.#seen;
      const rows =
        expected > 0 && expected <= CHANGES_PER_POLL_MAX ? this.#since.all(this.#seen, latest) : [];
      this.#seen = latest;
      this.#polledAtMs = this.#clock.elapsed();
      if (rows.length !== expected) return 'missed';
      return rows.map((row) => ({ key: row.key as SessionKey, version: row.version as number }));
    } catch {
      // A poll that fails loses nothing: the changes are still there for the next one. Until then the link is silent.
      return [];
    }
  }

  #latestSequence(): number {
    return this.#latest.get()?.latest as number;
  }
}
