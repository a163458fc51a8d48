import type { Clock, SessionKey } from '@holdfast/shared';
import type { SessionStore, Touch } from './session-store.ts';

/** Who learns that a touched session is not where the toucher believed. */
export interface TouchListener {
  /** It has another pin. */
  touchedElsewhere(key: SessionKey): void;
  /** It has no pin: the session has ended, or the store has lost it. */
  touchedNowhere(key: SessionKey): void;
}

const FLUSH_AFTER_MS = 5;
const BATCH_MAX = 256;
const WAITING_MAX = 8192;

/**
 * Sends touches to the store in batches, behind the requests that caused them. No request waits for one, and one
 * that is lost costs nothing: the session's next request after a quarter of its idle timeout sends another.
 */
export class TouchQueue {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #listener: TouchListener;
  #waiting: Touch[] = [];
  #isScheduled = false;

  constructor(store: SessionStore, clock: Clock, listener: TouchListener) {
    this.#store = store;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Takes a touch on. Beyond 8,192 waiting ones it is left out, which a store that is down brings about. */
  add(touch: Touch): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push(touch);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.after(FLUSH_AFTER_MS, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, BATCH_MAX);
    try {
      const results = await this.#store.touch(batch, this.#clock.now());
      for (const [index, result] of results.entries()) {
        const { key } = batch[index] as Touch;
        if (result.kind === 'moved') this.#listener.touchedElsewhere(key);
        if (result.kind === 'absent') this.#listener.touchedNowhere(key);
      }
    } catch {
      // The store is unavailable, which its breaker logs; touches are the one thing that may be lost.
    }
    if (this.#waiting.length > 0) this.#clock.after(FLUSH_AFTER_MS, () => void this.#flush());
    else this.#isScheduled = false;
  }
}
