/**
 * When requests are due, evenly spaced from a start, however late earlier ones were. An answer's latency counts from
 * that moment: a proxy that stops for a while makes every request late that was due meanwhile, as it would for users,
 * and not only those that waited on a connection ("coordinated omission").
 */
export class Schedule {
  readonly total: number;
  readonly #startMs: number;
  readonly #intervalMs: number;
  #next = 0;

  constructor(startMs: number, ratePerSecond: number, seconds: number) {
    this.#startMs = startMs;
    this.#intervalMs = 1_000 / ratePerSecond;
    this.total = Math.round(ratePerSecond * seconds);
  }

  get isOver(): boolean {
    return this.#next === this.total;
  }

  /** Takes the next request if it is due: the moment at which it was. */
  takeDue(nowMs: number): number | undefined {
    const dueMs = this.#startMs + this.#next * this.#intervalMs;
    if (this.isOver || dueMs > nowMs) return undefined;
    this.#next += 1;
    return dueMs;
  }
}
