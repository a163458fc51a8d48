import type { Clock, EpochMs } from '@holdfast/shared';

/** What a wall clock that tells whole milliseconds leaves out, and a little for reading two clocks one after the other. */
const COARSENESS_MS = 2;

/**
 * Instants to a fraction of a millisecond, which the wall clock does not tell. Of the differences between the two clocks
 * the largest is the closest, as the wall clock only ever leaves something out; one that is far off means that it was set.
 */
export class FineInstants {
  readonly #clock: Clock;
  #offsetMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The instant of a moment that has just been, by the clock's `elapsed`. */
  at(elapsedMs: number): EpochMs {
    const offsetMs = this.#clock.now() - this.#clock.elapsed();
    if (offsetMs > this.#offsetMs || offsetMs < this.#offsetMs - COARSENESS_MS) this.#offsetMs = offsetMs;
    return this.#offsetMs + elapsedMs;
  }
}
