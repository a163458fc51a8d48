import type { CancelTimer, Clock } from '@holdfast/shared';

/** The most bytes that a character of a string takes in UTF-8. */
const BYTES_PER_CHARACTER = 3;

/**
 * Gathers lines and passes them on as one text: handing each to a stream costs more than putting it together did. A
 * line waits no longer than the delay.
 *
 * Lines are kept as bytes. A line has been put together from dozens of pieces, which the engine would keep, and join
 * only when they are written.
 */
export class LineBuffer {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #bytes: Buffer;
  #length = 0;
  #cancelFlush: CancelTimer | undefined;

  /**
   * @param bytesMax bytes that are gathered at most; a line that may be longer is passed on by itself
   * @param delayMs how long a line waits at most
   */
  constructor(write: (text: string) => void, clock: Clock, bytesMax: number, delayMs: number) {
    this.#write = write;
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#bytes = Buffer.allocUnsafeSlow(bytesMax);
  }

  add(line: string): void {
    const bytesMax = line.length * BYTES_PER_CHARACTER;
    if (this.#length + bytesMax > this.#bytes.length) this.flush();
    if (bytesMax > this.#bytes.length) return this.#write(line);
    if (this.#length === 0) this.#cancelFlush = this.#clock.after(this.#delayMs, () => this.flush());
    this.#length += this.#bytes.write(line, this.#length);
  }

  /** Passes on what there is. */
  flush(): void {
    this.#cancelFlush?.();
    const length = this.#length;
    this.#length = 0;
    if (length > 0) this.#write(this.#bytes.toString('utf8', 0, length));
  }
}
