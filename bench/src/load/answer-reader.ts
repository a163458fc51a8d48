/** What an answer said, once all of it has come. */
export interface ReadAnswer {
  readonly status: number;
  /** Start line and fields. */
  readonly head: string;
}

const HEAD_END = '\r\n\r\n';

/**
 * Finds the end of answers whose length is stated, one after another on one connection. It serves the load
 * generators of the bench, so it is short and knows no chunks.
 */
export class AnswerReader {
  #head = '';
  #bodyLeft: number | undefined;

  /** Takes bytes as they come. Returns the answer that they complete; more than one answer is an error of status 0. */
  take(bytes: Buffer): ReadAnswer | undefined {
    if (this.#bodyLeft === undefined) return this.#takeHead(bytes.toString('latin1'));
    return this.#takeBody(bytes.length);
  }

  #takeHead(text: string): ReadAnswer | undefined {
    const known = this.#head + text;
    const end = known.indexOf(HEAD_END);
    if (end === -1) {
      this.#head = known;
      return undefined;
    }
    this.#head = known.slice(0, end);
    this.#bodyLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1] ?? 0);
    return this.#takeBody(known.length - end - HEAD_END.length);
  }

  #takeBody(length: number): ReadAnswer | undefined {
    const left = this.#bodyLeft! - length;
    this.#bodyLeft = left;
    if (left > 0) return undefined;
    const head = this.#head;
    this.#head = '';
    this.#bodyLeft = undefined;
    return { status: left < 0 ? 0 : Number(head.slice(9, 12)), head };
  }
}
