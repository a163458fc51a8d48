import type { Clock, EpochMs } from '@holdfast/shared';

/** What a wall clock that tells whole milliseconds leaves out, and a little for reading two clocks one after the other. */
const COARSENESS_MS = 2;

/**
 * Instants to a fraction of a millisecond, which the wall clock does not tell. Of the differences between the two clocks
 * the largest is the closest, as the wall clock only ever leaves something out; one that is far off means that it was set.
 */
export class FineInstants {
  readonly #clock: Clock;
  #zeroMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The instant at which the clock's `elapsed` was 0, as far as is known by now. Moments of one story go by one answer. */
  zero(): EpochMs {
    const zeroMs = this.#clock.now() - this.#clock.elapsed();
    if (zeroMs > this.#zeroMs || zeroMs < this.#zeroMs - COARSENESS_MS) this.#zeroMs = zeroMs;
    return this.#zeroMs;
  }
}
