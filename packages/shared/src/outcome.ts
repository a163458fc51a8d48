/**
 * What became of a request's session. One per request, in its log line, span and metric.
 *
 * - `hit`: served by the endpoint that the session was pinned to
 * - `created`: the session was new and has been pinned
 * - `repinned`: its endpoint was unusable and this node moved the pin
 * - `adopted`: another node had pinned or moved it first, or its cookie vouched for a pin that the store
 *   had lost; this node follows
 * - `fallback`: served without moving or consulting the pin (store unavailable, endpoint not yet known here)
 * - `none`: the pool keeps no sessions, the request names none, or no endpoint could be chosen
 */
export type AffinityOutcome = 'hit' | 'created' | 'repinned' | 'adopted' | 'fallback' | 'none';

/** Which tier answered where the session is. */
export type AffinityTier = 'near' | 'store' | 'cookie' | 'hash' | 'none';

/** Where the session key, or the label of the endpoint, came from. */
export type AffinitySource =
  | 'cookie'
  | 'app-cookie'
  | 'header'
  | 'query'
  | 'path'
  | 'source-ip'
  | 'label-cookie'
  | 'label'
  | 'none';

const MOVE_REASONS = [
  'endpoint-down',
  'endpoint-suspect',
  'endpoint-busy',
  'endpoint-drained',
  'endpoint-removed',
  'endpoint-gone',
  'endpoint-replaced',
  'connect-failed',
  'request-failed',
  'rebalanced',
  'operator',
] as const;

/** Why a pin was moved, or could not be followed. */
export type MoveReason = (typeof MOVE_REASONS)[number];

/** Whether a string read from outside is a reason that this release knows. */
export const isMoveReason = (text: string): text is MoveReason =>
  (MOVE_REASONS as readonly string[]).includes(text);
