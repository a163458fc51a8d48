import type { CancelTimer, Clock } from './clock.ts';

/** Something with deadlines, counted in ticks. */
export interface Ticking {
  /** Called at every tick. Looks at its deadlines and acts on those that have come. */
  tick(now: number): void;
}

/**
 * Coarse time for many deadlines. A timer for each request would cost more than the deadline is worth; a connection
 * notes the tick at which it is over instead, and whoever holds the connections looks through them at each tick.
 *
 * A deadline is kept to within two ticks, never early. While the process is held up, time stands still: what had no
 * chance to happen is not late.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #ticking = new Set<Ticking>();
  #cancel: CancelTimer | undefined;

  /** The current tick. */
  now = 0;

  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  /** The tick by which `durationMs` from now have passed. */
  deadline(durationMs: number): number {
    return this.now + Math.ceil(durationMs / this.#tickMs) + 1;
  }

  /** Starts to tick for it; time stands still while there is nobody to tick for. */
  add(ticking: Ticking): void {
    this.#ticking.add(ticking);
    if (this.#cancel === undefined) this.#plan();
  }

  remove(ticking: Ticking): void {
    this.#ticking.delete(ticking);
    if (this.#ticking.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #plan(): void {
    this.#cancel = this.#clock.after(this.#tickMs, () => {
      this.#plan();
      this.now++;
      for (const ticking of [...this.#ticking]) ticking.tick(this.now);
    });
  }
}
