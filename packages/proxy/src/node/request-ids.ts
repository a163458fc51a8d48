import type { Random } from '@holdfast/shared';

/**
 * Ids for requests that bring none: eight random bytes that name this process, and a counter. Unique without a look at
 * the random source for each, and not for guessing: an id is no secret.
 */
export function requestIds(random: Random): () => string {
  const prefix = `${random.bytes(8).toString('hex')}-`;
  let count = 0;
  return () => prefix + (count++).toString(36);
}
