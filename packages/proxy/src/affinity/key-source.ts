import type { AffinitySource, EpochMs, SessionKey } from '@holdfast/shared';
import type { RequestHeadParser } from '../codec/index.ts';
import type { Finding } from './claim.ts';
import type { Voucher } from './voucher.ts';

/** The session that a token names. */
export interface Identity {
  readonly key: SessionKey;
  /** The keys that it has under the cluster's other secrets, where the key depends on one. */
  readonly otherKeys: readonly SessionKey[];
  /** What else a sealed cookie says; undefined of every other token. */
  readonly voucher: Voucher | undefined;
}

/** One way to know a session: where in a request its tokens stand, and which session a token names. */
export interface KeySource {
  /** What logs call it. */
  readonly name: AffinitySource;
  /**
   * Whether a token that the session map does not know begins a session, because clients make them up. Else it is
   * nobody's: only the proxy or an endpoint could have issued it, and has not, or the session has ended.
   */
  readonly beginsSessions: boolean;
  /** The tokens of a request; undefined where it has none. */
  find(request: RequestHeadParser, clientAddress: string): Finding | undefined;
  /** What a token names; undefined where it is none of this source. */
  open(token: string, nowMs: EpochMs): Identity | undefined;
}

/** Of a token that has the same key under every secret. */
export const NO_KEYS: readonly SessionKey[] = [];
