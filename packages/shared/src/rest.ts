/** What is asked of a store behind the requests, such as a count of all pins, takes a twentieth of the time at most. */
export const BACKGROUND_SHARE = 0.05;

/**
 * How long work that is done again and again has to rest, in milliseconds, so that it takes no more than a share of the time
 * however long it takes by itself.
 *
 * @param tookMs what it took this time
 * @param share of the time, over 0 and up to 1
 */
export const restAfter = (tookMs: number, share = BACKGROUND_SHARE): number => tookMs * (1 / share - 1);
