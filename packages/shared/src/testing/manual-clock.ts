import type { Clock, EpochMs } from '../clock.ts';

/** A clock that stands still until a test moves it. Timers fire in the order of their deadlines. */
export class ManualClock implements Clock {
  #nowMs: EpochMs;
  readonly #startMs: EpochMs;
  #timers: { readonly atMs: EpochMs; readonly fire: () => void }[] = [];

  constructor(startMs: EpochMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): EpochMs {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers are waiting: zero after a component was closed, or it leaks. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Moves time forward and fires what falls due on the way, letting promises settle after each timer. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets everything that is already resolved run. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
