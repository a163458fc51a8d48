import type { EpochMs, Lifetime, SessionKey } from '@holdfast/shared';

/**
 * What a client's sealed cookie says, once it has been opened. It identifies the session, and while it is
 * fresh it vouches for where the session was, which is what repairs a store that has lost the pin.
 */
export interface Voucher {
  /** The session's key, derived from the random id in the cookie. */
  readonly key: SessionKey;
  /** The random id itself, 16 bytes; needed to seal the session's next cookie. */
  readonly sessionId: Buffer;
  /** Which endpoint: a tag that only a node that knows the endpoint can relate to it. */
  readonly endpointTag: EndpointTag;
  /** The version of the pin that the cookie was issued for. */
  readonly version: number;
  /** When the session began. */
  readonly startedAtMs: EpochMs;
  /** When this cookie was issued. */
  readonly issuedAtMs: EpochMs;
  /** Whether it is sealed with the newest secret. A cookie under an older one is issued anew. */
  readonly isCurrentKey: boolean;
}

/** 64 bits that stand for an endpoint in a cookie, as a string of 8 latin1 characters. */
export type EndpointTag = string & { readonly endpointTag: unique symbol };

/** How far ahead another node's clock may be before its cookies count as from the future. */
const CLOCK_SKEW_MAX_MS = 60_000;

/**
 * Whether the voucher still names a session: it is not from the future, and the session has not reached its
 * absolute end.
 */
export const identifies = (voucher: Voucher, lifetime: Lifetime, nowMs: EpochMs): boolean =>
  voucher.issuedAtMs <= nowMs + CLOCK_SKEW_MAX_MS && nowMs < voucher.startedAtMs + lifetime.absoluteTimeoutMs;

/**
 * Whether the voucher is fresh enough to speak for an endpoint when the store knows nothing. A session that
 * is not idle gets a new cookie at every quarter of its idle timeout, so one that is older than five quarters
 * belongs to a session that the store has rightly forgotten.
 */
export const vouches = (voucher: Voucher, lifetime: Lifetime, nowMs: EpochMs): boolean =>
  nowMs - voucher.issuedAtMs < lifetime.idleTimeoutMs * 1.25;
