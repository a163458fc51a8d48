import type { Clock } from '@holdfast/shared';

/** Less is not worth a timer: what is due meanwhile is made up for at once. */
const SLACK_MS = 20;

/** Keeps work to a rate. */
export class Pace {
  readonly #clock: Clock;
  readonly #everyMs: number;
  #nextMs: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#everyMs = 1_000 / perSecond;
    this.#nextMs = clock.elapsed();
  }

  /** Settles when it is time for the next piece of work. A time without work is not made up for. */
  async next(): Promise<void> {
    const nowMs = this.#clock.elapsed();
    this.#nextMs = Math.max(this.#nextMs, nowMs - SLACK_MS) + this.#everyMs;
    const waitMs = this.#nextMs - this.#everyMs - nowMs;
    if (waitMs >= SLACK_MS) await pause(this.#clock, waitMs);
  }
}

/** Waits without keeping the process alive: what nobody waits for is no reason not to end. */
export const pause = (clock: Clock, forMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(forMs, resolve));
