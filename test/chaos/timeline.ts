import { systemClock } from '@holdfast/shared';

const ORIGIN_MS = systemClock.now() - systemClock.elapsed();

/** Milliseconds since the epoch, with fractions, by a clock that never goes back while the process lasts. */
export const instantMs = (): number => ORIGIN_MS + systemClock.elapsed();
