import type { EndpointId, EpochMs, Pin, SessionKey } from '@holdfast/shared';

/** One session as the inventory lists it. */
export interface SessionEntry {
  readonly key: SessionKey;
  readonly pin: Pin;
}

/** A page of sessions, and where the next one starts; `next` is absent on the last page. */
export interface SessionPage {
  readonly sessions: readonly SessionEntry[];
  readonly next?: string;
}

/** Which sessions to list. */
export interface SessionQuery {
  /** Only the sessions of this endpoint, whichever process served there when they came. Default: all. */
  readonly endpoint?: EndpointId;
  /** Where to go on: the `next` of the page before. Default: the start. */
  readonly cursor?: string;
  /** About how many sessions a page has, 1 to 1,000; a page may hold fewer, even none, and still not be the last. */
  readonly limit: number;
}

/**
 * Who is where. For people and for drains, never on the path of a request.
 *
 * Counts are exact for the pins alive at `nowMs`. A listing is no snapshot: a session that is pinned or moved
 * while pages are read may be missed or appear twice, one that stays put appears exactly once. In Redis it may also
 * appear twice while most sessions of a large map end, and be missed if another process of Redis takes over.
 */
export interface SessionInventory {
  /** Living pins by what they say of their endpoint; one whose processes are told apart has several entries. */
  countByEndpoint(nowMs: EpochMs): Promise<ReadonlyMap<EndpointId, number>>;
  /** A page of living sessions. A cursor that this adapter did not make is read as the start. */
  list(query: SessionQuery, nowMs: EpochMs): Promise<SessionPage>;
}
