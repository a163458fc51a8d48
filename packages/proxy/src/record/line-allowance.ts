/** Lets so many pass in a second, and spreads them over it: one at a time comes back, and no more than a second's worth waits. */
export class LineAllowance {
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  /** @param nowMs by a clock that never goes back */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#atMs = nowMs;
  }

  /** Whether one more may pass now. */
  take(nowMs: number): boolean {
    const returned = ((nowMs - this.#atMs) * this.#perSecond) / 1_000;
    this.#left = Math.min(this.#perSecond, this.#left + returned);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
