import { HoldfastError } from '@holdfast/shared';

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Redis has forgotten its scripts, by a restart, a failover or SCRIPT FLUSH; the whole text must be sent. */
export const isScriptMissing = (thrown: unknown): boolean => messageOf(thrown).startsWith('NOSCRIPT');

/** A key of the bucket holds something that no script of ours wrote. */
export const isForeignData = (thrown: unknown): boolean =>
  /\bWRONGTYPE\b|hash value is not an integer|increment or decrement would overflow/.test(messageOf(thrown));

/**
 * This connection leads to an instance that cannot serve us: a primary that became a replica, or one that is still
 * loading. Redis 6.2 wraps the code in a longer message when a script meets it.
 */
export const isWrongInstance = (thrown: unknown): boolean =>
  /\b(?:READONLY|MASTERDOWN|LOADING)\b/.test(messageOf(thrown));

/** Nothing was written, and nothing will be for a while; what is there can be read. */
const isReadOnly = (thrown: unknown): boolean =>
  /\b(?:READONLY|OOM|MISCONF|NOREPLICAS)\b/.test(messageOf(thrown));

/**
 * Redis' vocabulary in ours. Whatever keeps Redis from answering is `STORE_UNAVAILABLE`: lost and refused
 * connections, timeouts, LOADING, MASTERDOWN, a refused login. What keeps it from writing is `STORE_READ_ONLY`. Foreign
 * data that came back after a repair is `STORE_CORRUPT_VALUE`.
 *
 * @param lastLinkError why the connection is down, which the error of a command does not know
 */
export function redisError(thrown: unknown, what: string, lastLinkError?: Error): HoldfastError {
  if (thrown instanceof HoldfastError) return thrown;
  if (isForeignData(thrown))
    return new HoldfastError('STORE_CORRUPT_VALUE', `${what}: ${messageOf(thrown)}`, thrown);
  if (isReadOnly(thrown))
    return new HoldfastError('STORE_READ_ONLY', `${what}: ${messageOf(thrown)}`, thrown);
  const reason =
    lastLinkError === undefined ? messageOf(thrown) : `not connected: ${messageOf(lastLinkError)}`;
  return new HoldfastError('STORE_UNAVAILABLE', `${what}: ${reason}`, lastLinkError ?? thrown);
}
