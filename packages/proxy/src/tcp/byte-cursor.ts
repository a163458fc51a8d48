/** Reads fields of a binary message in turn. What is not there reads as undefined, and nothing after it is there either. */
export class ByteCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A number of so many bytes in network order. */
  number(length: 1 | 2 | 3): number | undefined {
    const bytes = this.take(length);
    return bytes?.readUIntBE(0, length);
  }

  take(length: number): Buffer | undefined {
    if (this.#at + length > this.#bytes.length) {
      this.#at = Number.POSITIVE_INFINITY;
      return undefined;
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** A part that is preceded by its length in so many bytes. */
  part(lengthBytes: 1 | 2 | 3): Buffer | undefined {
    const length = this.number(lengthBytes);
    return length === undefined ? undefined : this.take(length);
  }
}
