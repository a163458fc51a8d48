import type { SessionKey } from '@holdfast/shared';

/** The version that is told of a session that was forgotten: none stands. */
export const FORGOTTEN = 0;

/** Who wants to hear of changes that other nodes made to the session map. */
export interface InvalidationListener {
  /** The session was moved, and `version` now stands; or it was forgotten, which is told as {@link FORGOTTEN}. */
  sessionChanged(key: SessionKey, version: number): void;
  /** Changes may have been missed: nothing that was cached before may be trusted any more. */
  changesMissed(): void;
}

/**
 * News of re-pins and unpins by other nodes. New pins and touches are no news: nobody can hold a
 * stale copy of the first, and the second changes no endpoint.
 *
 * Guarantee: while `isLive` answers true, all that changed more than three seconds ago has been told; as a rule it takes
 * milliseconds in Redis and a tenth of a second in a file. News may be repeated and may arrive for this node's own changes. Whenever some may have been lost, `changesMissed` is called
 * before `isLive` answers true again.
 */
export interface Invalidations {
  /** Whether news is flowing. False before the first connection and after a silence of the link. */
  isLive(): boolean;
  /** Adds a listener for as long as the store is open. */
  subscribe(listener: InvalidationListener): void;
}
