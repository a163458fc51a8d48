import type { EpochMs } from './clock.ts';
import type { EndpointId, SessionKey } from './ids.ts';
import type { MoveReason } from './outcome.ts';

/** That a session was moved between two of its requests, so that its endpoint has not been told of it yet. */
export interface Arrival {
  /** Where the session was. */
  readonly from: EndpointId;
  readonly reason: MoveReason;
}

/**
 * A session's place: the endpoint that serves it, and until when.
 *
 * `version` starts at 1 and grows by at least one with every re-pin, never otherwise. Of two pins of
 * one session the one with the higher version is the later truth, wherever it was found.
 */
export interface Pin {
  readonly endpoint: EndpointId;
  readonly version: number;
  /** When the session came to this endpoint. A drain keeps the pins that are older than the drain. */
  readonly pinnedAtMs: EpochMs;
  /** When the pin ends if the session stays idle. Moves with every touch, never past `endsAtMs`. */
  readonly expiresAtMs: EpochMs;
  /** When the pin ends in any case: the session's start plus the absolute timeout. A re-pin keeps it. */
  readonly endsAtMs: EpochMs;
  /**
   * The first key of the session, where this pin's own key is a later one: an alias. All keys of a session move to where
   * its first one says. Absent: the pin's own key is the first.
   */
  readonly root?: SessionKey;
  /** What the endpoint is to be told with the session's next request. Absent: nothing, or it has been told. */
  readonly arrival?: Arrival;
}

/** How long sessions of a pool live. Both limits are enforced by the store, not left to the client. */
export interface Lifetime {
  /** A session that made no request for this long is forgotten. */
  readonly idleTimeoutMs: number;
  /** A session is forgotten this long after its start, however busy it is. */
  readonly absoluteTimeoutMs: number;
}

/** Whether the pin still holds at `nowMs`: its last millisecond is the one before its deadline. */
export const isAlive = (pin: Pin, nowMs: EpochMs): boolean => nowMs < pin.expiresAtMs && nowMs < pin.endsAtMs;

/** The idle deadline of a session that makes a request at `nowMs`. */
export const idleDeadline = (lifetime: Lifetime, endsAtMs: EpochMs, nowMs: EpochMs): EpochMs =>
  Math.min(nowMs + lifetime.idleTimeoutMs, endsAtMs);

/**
 * Whether a session's deadline is worth moving. Every write of a pin costs the store a command and the
 * network a round trip, so a busy session is touched at most once per quarter of its idle timeout.
 */
export const isTouchDue = (lifetime: Lifetime, pin: Pin, nowMs: EpochMs): boolean =>
  pin.expiresAtMs < pin.endsAtMs &&
  nowMs + lifetime.idleTimeoutMs - pin.expiresAtMs >= lifetime.idleTimeoutMs / 4;

/**
 * Which of two pins of one session holds: the higher version. At equal versions it is the one that came from the store:
 * of two writers of one version the store let one win, and the other may not know yet.
 */
export const laterPin = (stored: Pin, claimed: Pin): Pin =>
  claimed.version > stored.version ? claimed : stored;
