import { type Clock, Rhythm, type Ticker } from '@holdfast/shared';
import type { Affinity, Resolution } from '../affinity/affinity.ts';

/** The session of a connection or flow, which does not expire as long as somebody ticks for it. */
export class SessionInUse {
  resolution: Resolution | undefined = undefined;
  readonly #affinity: Affinity;
  readonly #clock: Clock;
  readonly #rhythm: Rhythm;

  constructor(affinity: Affinity, everyMs: number, ticker: Ticker, clock: Clock) {
    this.#affinity = affinity;
    this.#clock = clock;
    this.#rhythm = new Rhythm(ticker, everyMs);
  }

  tick(now: number): void {
    if (this.#rhythm.isDue(now) && this.resolution !== undefined)
      this.#affinity.keepAlive(this.resolution, this.#clock.now());
  }
}
