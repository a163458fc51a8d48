/** A worker that has served this long has not been ended by its start, whatever ended it later. */
export const STEADY_AFTER_MS = 10_000;

const FIRST_DELAY_MS = 250;
const DELAY_MAX_MS = 30_000;

/**
 * How long to wait before a worker is replaced, in milliseconds. The first one to end early is replaced at once, since
 * clients wait; after that the delay doubles up to 30 s, of which chance takes up to half, so that what many processes
 * do at their start does not happen on all nodes at one moment.
 *
 * @param earlyEnds how many workers in a row have ended before they were steady
 * @param unit a number in [0, 1)
 */
export function restartDelayMs(earlyEnds: number, unit: number): number {
  if (earlyEnds <= 1) return 0;
  const fullMs = Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** (earlyEnds - 2));
  return fullMs * (1 - unit / 2);
}
