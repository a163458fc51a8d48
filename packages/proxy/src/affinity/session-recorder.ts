import type { EndpointId, MoveReason, PoolName } from '@holdfast/shared';

/** Who is told what becomes of sessions beside the requests that are recorded. */
export interface SessionRecorder {
  /** The pin of a session was moved to that endpoint between two of its requests. */
  sessionMoved(to: EndpointId, reason: MoveReason): void;
  /** So many requests had been served elsewhere than where their session was: the session map could not be asked then. */
  sessionStrayed(pool: PoolName, requests: number): void;
}
