import type { BodyFraming } from './body-framing.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';
import type { HeadLimits } from './limits.ts';
import type { RejectionReason } from './rejection.ts';

/**
 * What a step through body bytes came to.
 *
 * - `data`: the bytes from `dataStart` to `dataEnd` of the piece belong to the body; step on from `next`
 * - `more`: the piece is used up and the body is not complete
 * - `end`: the body is complete; what follows from `next` on is the next message
 * - `rejected`: `rejection` tells why; nothing more can be read from this connection
 */
export type BodyStep = 'data' | 'more' | 'end' | 'rejected';

const NO_TRAILERS: readonly string[] = [];

/**
 * Takes the framing off one body after the other. It copies nothing: the caller steps through each piece that it
 * receives and gets the places of body data in it.
 *
 * ```ts
 * decoder.begin(requestFraming(head), head.contentLength);
 * for (let at = head.next; ; at = decoder.next) {
 *   const step = decoder.step(piece, at, end);
 *   if (step !== 'data') break;
 *   send(piece.subarray(decoder.dataStart, decoder.dataEnd));
 * }
 * ```
 */
export class BodyDecoder {
  next = 0;
  dataStart = 0;
  dataEnd = 0;
  rejection: RejectionReason | undefined;
  /** The trailers of a complete chunked body, as name, value, name, value; without those that must not be trailers. */
  trailers: readonly string[] = NO_TRAILERS;

  readonly #limits: HeadLimits;
  #framing: BodyFraming = 'none';
  #left = 0;
  #allowed = Number.POSITIVE_INFINITY;
  #chunks: ChunkedDecoder | undefined;

  /** @param limits of trailer sections */
  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /**
   * Expects a body. `maxBytes` is the most that it may hold, without its framing: at a larger `contentLength` the first
   * step is `rejected` with `body-too-large`, in a chunked body the one that announces the chunk too much.
   */
  begin(framing: BodyFraming, contentLength: number, maxBytes = Number.POSITIVE_INFINITY): void {
    this.#framing = framing;
    this.#left = framing === 'length' ? contentLength : 0;
    this.#allowed = maxBytes;
    this.rejection = framing === 'length' && contentLength > maxBytes ? 'body-too-large' : undefined;
    this.trailers = NO_TRAILERS;
    if (framing !== 'chunked') return;
    this.#chunks ??= new ChunkedDecoder(this.#limits);
    this.#chunks.begin(maxBytes);
  }

  /** Goes on in `piece` from `at`; the received bytes end at `end`. Never throws. */
  step(piece: Buffer, at: number, end: number): BodyStep {
    if (this.rejection !== undefined) return 'rejected';
    switch (this.#framing) {
      case 'none':
        this.next = at;
        return 'end';
      case 'length':
        return this.#stepLength(at, end);
      case 'chunked':
        return this.#stepChunked(this.#chunks!, piece, at, end);
      case 'until-close':
        return this.#stepUntilClose(at, end);
    }
  }

  /**
   * What the end of the connection means now: a body that reaches until then is complete, any other is cut off and must
   * not be passed on as if it were complete (RFC 9112 section 8).
   */
  get isCompleteAtClose(): boolean {
    return this.rejection === undefined && this.#framing === 'until-close';
  }

  #stepLength(at: number, end: number): BodyStep {
    this.next = at;
    if (this.#left === 0) return 'end';
    if (at === end) return 'more';
    const length = Math.min(this.#left, end - at);
    this.#left -= length;
    return this.#data(at, at + length);
  }

  #stepUntilClose(at: number, end: number): BodyStep {
    this.next = at;
    if (at === end) return 'more';
    this.#allowed -= end - at;
    if (this.#allowed >= 0) return this.#data(at, end);
    this.rejection = 'body-too-large';
    return 'rejected';
  }

  #data(start: number, end: number): BodyStep {
    this.dataStart = start;
    this.dataEnd = end;
    this.next = end;
    return 'data';
  }

  #stepChunked(chunks: ChunkedDecoder, piece: Buffer, at: number, end: number): BodyStep {
    const step = chunks.step(piece, at, end);
    this.next = chunks.next;
    if (step === 'data') {
      this.dataStart = chunks.dataStart;
      this.dataEnd = chunks.next;
    } else if (step === 'end') this.trailers = chunks.trailers;
    else if (step === 'rejected') this.rejection = chunks.rejection;
    return step;
  }
}
