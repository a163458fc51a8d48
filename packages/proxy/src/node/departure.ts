import type { Clock } from '@holdfast/shared';

/** That a node leaves its clients to others: whether it has begun, and for how long it may still be found. */
export class Departure {
  readonly #clock: Clock;
  #foundUntilMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param delayMs for how long it may be found from now on
   * @returns false if it had begun before; then nothing changes
   */
  begin(delayMs: number): boolean {
    if (this.#foundUntilMs !== undefined) return false;
    this.#foundUntilMs = this.#clock.elapsed() + delayMs;
    return true;
  }

  /** In milliseconds; 0 when nobody finds it any more. Before it has begun that is never. */
  get remainingMs(): number {
    return Math.max(0, (this.#foundUntilMs ?? Number.POSITIVE_INFINITY) - this.#clock.elapsed());
  }
}
