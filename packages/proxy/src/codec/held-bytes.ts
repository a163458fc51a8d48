const INITIAL_BYTES = 1_024;
const NOTHING = Buffer.alloc(0);

/** The bytes of a message part that has arrived only in part, joined in memory of our own. */
export class HeldBytes {
  length = 0;
  /** What is held, from 0 to {@link length}. Another buffer after the next append. */
  bytes = NOTHING;

  readonly #capacity: number;

  /** @param capacity the most that is ever held; what exceeds it is left to the caller */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Copies as much of the piece as there is room for; the piece may be reused afterwards. */
  append(piece: Buffer, start: number, end: number): void {
    const length = Math.min(this.length + end - start, this.#capacity);
    if (length > this.bytes.length) this.#grow(length);
    piece.copy(this.bytes, this.length, start, start + length - this.length);
    this.length = length;
  }

  #grow(length: number): void {
    const size = Math.max(length, INITIAL_BYTES, this.bytes.length * 2);
    const larger = Buffer.allocUnsafeSlow(Math.min(size, this.#capacity));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Lets go of everything, the memory too: a connection waits for its next message for longer than it reads one. */
  clear(): void {
    this.length = 0;
    this.bytes = NOTHING;
  }
}
