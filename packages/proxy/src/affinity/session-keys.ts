import type { EpochMs, Pin, SessionKey } from '@holdfast/shared';
import { HoldfastError } from '@holdfast/shared';
import type { NearCache, SessionStore } from '@holdfast/store';

/** The pin of a further key of the session that is pinned so under `key`. */
export const aliasOf = (key: SessionKey, pin: Pin): Pin => ({ ...pin, version: 1, root: pin.root ?? key });

/** Gives sessions further keys, and takes keys away. Of what the store does not take this node knows alone. */
export class SessionKeys {
  readonly #store: SessionStore;
  readonly #near: NearCache;

  constructor(store: SessionStore, near: NearCache) {
    this.#store = store;
    this.#near = near;
  }

  /** Whether the key is known to be pinned, as far as this node remembers. */
  isKnown(key: SessionKey, nowMs: EpochMs): boolean {
    return this.#near.get(key, nowMs) !== undefined;
  }

  /** Pins a key, unless it is pinned: no session moves by this. */
  async give(key: SessionKey, pin: Pin, nowMs: EpochMs): Promise<void> {
    const mark = this.#near.mark(key);
    try {
      const standing = await this.#store.pin(key, pin, nowMs);
      this.#near.put(key, standing.pin, nowMs, mark);
    } catch (error) {
      expectUnavailable(error);
      this.#near.assume(key, pin);
    }
  }

  /** Forgets a key. */
  async end(key: SessionKey, nowMs: EpochMs): Promise<void> {
    await this.#store.unpin(key, undefined, nowMs).catch(expectUnavailable);
    this.#near.drop(key);
  }
}

/** Any other failure is a fault of ours. */
function expectUnavailable(error: unknown): void {
  if (HoldfastError.from(error).source !== 'store') throw error;
}
