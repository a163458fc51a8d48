import type { EpochMs, Lifetime, Pin } from '@holdfast/shared';

/**
 * The part of its idle timeout for which a session may have been in use and its pin does not show it. A request within a
 * quarter of the timeout after the last touch writes none; what stays open is looked at eight times in a timeout, and may
 * be touched an eighth later.
 */
const UNSEEN_PART = 3 / 8;

/** Since when a session has certainly not been in use; undefined where its pin does not tell, as its end is near. */
export const idleSince = (pin: Pin, { idleTimeoutMs }: Lifetime): EpochMs | undefined =>
  pin.expiresAtMs < pin.endsAtMs ? pin.expiresAtMs - idleTimeoutMs * (1 - UNSEEN_PART) : undefined;

/** How long after its last request a session is known to have been idle for `idleForMs`. */
export const knownIdleAfterMs = (idleForMs: number, { idleTimeoutMs }: Lifetime): number =>
  idleForMs + idleTimeoutMs * UNSEEN_PART;
