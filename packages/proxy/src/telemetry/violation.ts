import type { EndpointId, MoveReason } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';

const SERVED_ELSEWHERE = [
  'endpoint-suspect',
  'endpoint-removed',
  'connect-failed',
  'request-failed',
] as const;

/**
 * Why a session was served by another endpoint than the one that it is pinned to, although that one is not down.
 *
 * - `endpoint-suspect`: this node holds it down, and most of the others do not
 * - `endpoint-removed`: this node does not know it
 * - `connect-failed`, `request-failed`: it failed this request, and goes on to serve
 * - `store-unavailable`: the session map could not be asked, and has turned out to have the session elsewhere
 */
export type ViolationReason = (typeof SERVED_ELSEWHERE)[number] | 'store-unavailable';

/** All reasons: a series of each begins at zero, so that the first violation shows as one. */
export const VIOLATION_REASONS: readonly ViolationReason[] = [...SERVED_ELSEWHERE, 'store-unavailable'];

/** What looks like a violation. Whether it is one may depend on what becomes of the endpoint. */
export interface Suspicion {
  readonly reason: ViolationReason;
  /** To which the session is pinned; undefined where this node does not know. */
  readonly endpoint: EndpointId | undefined;
}

/** Who is told of them. */
export interface SuspicionRecorder {
  suspected(pool: string, suspicion: Suspicion): void;
}

const KNOWN_AT_ONCE: ReadonlySet<MoveReason | undefined> = new Set(SERVED_ELSEWHERE);

/**
 * What a request that is over shows. To leave an endpoint that is down is no violation: the session moves, or its pool says that
 * it is to wait. Nor is it to serve a session that has no pin.
 */
export const suspicionOf = ({
  outcome,
  reason,
  session,
  endpoint,
  keptAt,
}: Resolution): Suspicion | undefined =>
  outcome === 'fallback' && session !== undefined && endpoint !== undefined && KNOWN_AT_ONCE.has(reason)
    ? { reason: reason as ViolationReason, endpoint: keptAt }
    : undefined;
