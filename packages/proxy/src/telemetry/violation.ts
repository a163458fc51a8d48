import type { MoveReason } from '@holdfast/shared';
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

const KNOWN_AT_ONCE: ReadonlySet<MoveReason | undefined> = new Set(SERVED_ELSEWHERE);

/**
 * What is known of a violation as soon as a request is resolved. To leave an endpoint that is down is none: the session moves, or
 * its pool says that it is to wait. Nor is it to serve a session that has no pin.
 */
export const violationOf = ({
  outcome,
  reason,
  session,
  endpoint,
}: Resolution): ViolationReason | undefined =>
  outcome === 'fallback' && session !== undefined && endpoint !== undefined && KNOWN_AT_ONCE.has(reason)
    ? (reason as ViolationReason)
    : undefined;
