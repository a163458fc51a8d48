import type { Clock, SessionKey } from '@holdfast/shared';
import type { NearCache, Repair, TouchListener } from '@holdfast/store';
import type { SessionKeys } from './session-keys.ts';

export interface TouchedSessionsParts {
  readonly near: NearCache;
  readonly keys: SessionKeys;
  readonly repair: Pick<Repair, 'admits'>;
  readonly clock: Clock;
}

/**
 * Draws conclusions from touches: what this node remembers is put right by the session map, and a session that the map has
 * lost is written back. For one without a cookie of ours that may be the last chance, and for an open connection it is the
 * only one.
 */
export class TouchedSessions implements TouchListener {
  readonly #parts: TouchedSessionsParts;

  constructor(parts: TouchedSessionsParts) {
    this.#parts = parts;
  }

  touchedElsewhere(key: SessionKey): void {
    this.#parts.near.drop(key);
  }

  /** A session that has ended is not remembered: its end was news, and its deadlines are known. */
  touchedNowhere(key: SessionKey): void {
    const { near, keys, repair, clock } = this.#parts;
    const nowMs = clock.now();
    const pin = near.recall(key, nowMs);
    if (pin === undefined) return;
    // A map that has lost one session may have lost others, and what is pinned anew is no news.
    if (near.get(key, nowMs) !== undefined) near.changesMissed();
    // Until it is written the next request is to ask the map, and to try again.
    near.assume(key, pin);
    if (repair.admits()) void keys.give(key, pin, nowMs);
  }
}
