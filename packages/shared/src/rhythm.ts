import type { Ticker } from './ticker.ts';

/** What is to be done every so often by somebody who is ticked for anyway. */
export class Rhythm {
  readonly #everyTicks: number;
  #nextTick: number;

  /** @param everyMs how often; infinity for never. Kept to within two ticks. */
  constructor(ticker: Ticker, everyMs: number) {
    this.#everyTicks = ticker.deadline(everyMs) - ticker.now;
    this.#nextTick = ticker.now + this.#everyTicks;
  }

  /** Whether it is time again. */
  isDue(now: number): boolean {
    if (now < this.#nextTick) return false;
    this.#nextTick = now + this.#everyTicks;
    return true;
  }
}
