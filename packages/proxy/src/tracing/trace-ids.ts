import type { Random } from '@holdfast/shared';

const BLOCK_BYTES = 1024;
const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/** Ids of traces and spans: random, and cut out of one long text, so that an id costs no call of the random source. */
export class TraceIds {
  readonly #random: Random;
  #digits = '';
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  newTraceId(): string {
    return this.#take(TRACE_ID_DIGITS);
  }

  newSpanId(): string {
    return this.#take(SPAN_ID_DIGITS);
  }

  #take(digits: number): string {
    if (this.#used + digits > this.#digits.length) {
      this.#digits = this.#random.bytes(BLOCK_BYTES).toString('hex');
      this.#used = 0;
    }
    const id = this.#digits.slice(this.#used, this.#used + digits);
    this.#used += digits;
    return id;
  }
}
