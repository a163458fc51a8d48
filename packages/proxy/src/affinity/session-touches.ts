import {
  type EpochMs,
  idleDeadline,
  isTouchDue,
  type Lifetime,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import type { NearCache, TouchQueue } from '@holdfast/store';

/** Keeps the sessions of a pool from becoming idle, with one write per quarter of their idle timeout at most. */
export class SessionTouches {
  readonly #lifetime: Lifetime;
  readonly #near: NearCache;
  readonly #touches: TouchQueue;

  constructor(lifetime: Lifetime, near: NearCache, touches: TouchQueue) {
    this.#lifetime = lifetime;
    this.#near = near;
    this.#touches = touches;
  }

  /** The session was in use at `nowMs`, by what is known at `pin`. */
  keep(key: SessionKey, pin: Pin, nowMs: EpochMs): void {
    if (!isTouchDue(this.#lifetime, pin, nowMs)) return;
    const expiresAtMs = this.#touch(key, pin, nowMs);
    this.#near.put(key, { ...pin, expiresAtMs }, nowMs, this.#near.mark(key));
  }

  /** As {@link keep}, by a pin that may long have been moved: the store knows, and nobody is sent there by it. */
  keepByOld(key: SessionKey, pin: Pin, nowMs: EpochMs): void {
    const entry = this.#near.get(key, nowMs);
    if (entry !== undefined) this.keep(key, entry.pin, nowMs);
    else if (isTouchDue(this.#lifetime, pin, nowMs)) this.#touch(key, pin, nowMs);
  }

  #touch(key: SessionKey, { endpoint, version, endsAtMs }: Pin, nowMs: EpochMs): EpochMs {
    const expiresAtMs = idleDeadline(this.#lifetime, endsAtMs, nowMs);
    this.#touches.add({ key, endpoint, version, expiresAtMs });
    return expiresAtMs;
  }
}
