import type { Clock } from '@holdfast/shared';

const WINDOW_MS = 60_000;
/** Wrong tokens in a minute that an address may show. */
export const WRONG_PER_ADDRESS_MAX = 10;
/** The same for all of them together, so that many addresses help nobody. */
export const WRONG_IN_ALL_MAX = 100;

/** Counts wrong tokens by the minute and the address that they come from, and remembers no more addresses than wrong tokens. */
export class Attempts {
  readonly #clock: Clock;
  #windowEndsAtMs = 0;
  #wrongByAddress = new Map<string, number>();
  #wrongInAll = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long an address has to wait before it may try again; 0: it may try now. */
  waitMs(address: string): number {
    const leftMs = this.#windowLeftMs();
    const wrong = this.#wrongByAddress.get(address) ?? 0;
    return wrong >= WRONG_PER_ADDRESS_MAX || this.#wrongInAll >= WRONG_IN_ALL_MAX ? leftMs : 0;
  }

  wrong(address: string): void {
    this.#windowLeftMs();
    this.#wrongInAll += 1;
    this.#wrongByAddress.set(address, (this.#wrongByAddress.get(address) ?? 0) + 1);
  }

  #windowLeftMs(): number {
    const nowMs = this.#clock.elapsed();
    if (nowMs >= this.#windowEndsAtMs) {
      this.#windowEndsAtMs = nowMs + WINDOW_MS;
      this.#wrongByAddress = new Map();
      this.#wrongInAll = 0;
    }
    return this.#windowEndsAtMs - nowMs;
  }
}
