import type { BodyStep } from './body-decoder.ts';
import { CR, LF } from './bytes.ts';
import { ChunkLine } from './chunk-line.ts';
import type { HeadLimits } from './limits.ts';
import type { RejectionReason } from './rejection.ts';
import { TrailerParser } from './trailer-section.ts';

/** What the next byte belongs to: a chunk's line, its data, the CRLF after that, or the trailer section. */
type Part = 'line' | 'data' | 'data-cr' | 'data-lf' | 'trailers';

const NO_TRAILERS: readonly string[] = [];

/**
 * Takes chunks apart (RFC 9112 section 7.1), strictly: exact CRLFs, sizes of hexadecimal digits alone, extensions
 * checked, bounded and dropped, trailers read by the rules of fields. See {@link BodyDecoder} for the way to step.
 */
export class ChunkedDecoder {
  next = 0;
  dataStart = 0;
  rejection: RejectionReason | undefined;
  trailers: readonly string[] = NO_TRAILERS;

  readonly #limits: HeadLimits;
  readonly #line = new ChunkLine();
  #part: Part = 'line';
  #left = 0;
  #allowed = 0;
  #trailerParser: TrailerParser | undefined;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Expects the first chunk of a body of at most `maxBytes`. */
  begin(maxBytes: number): void {
    this.rejection = undefined;
    this.trailers = NO_TRAILERS;
    this.#allowed = maxBytes;
    this.#line.extensionBytes = 0;
    this.#line.begin();
    this.#part = 'line';
  }

  /** Goes on in `piece` from `at`; data, if any, is from `dataStart` to `next`. */
  step(piece: Buffer, from: number, end: number): BodyStep {
    let at = from;
    while (at < end) {
      if (this.#part === 'data') return this.#takeData(at, end);
      if (this.#part === 'trailers') return this.#readTrailers(piece, at, end);
      const fault = this.#read(piece[at++]!);
      if (fault !== undefined) return this.#reject(fault);
    }
    this.next = at;
    return 'more';
  }

  #takeData(at: number, end: number): BodyStep {
    const length = Math.min(this.#left, end - at);
    this.#left -= length;
    if (this.#left === 0) this.#part = 'data-cr';
    this.dataStart = at;
    this.next = at + length;
    return 'data';
  }

  /** Reads one byte of the framing. */
  #read(byte: number): RejectionReason | undefined {
    if (this.#part === 'line') return this.#readLine(byte);
    if (this.#part === 'data-cr') {
      this.#part = 'data-lf';
      return byte === CR ? undefined : 'bad-chunk-end';
    }
    this.#part = 'line';
    this.#line.begin();
    return byte === LF ? undefined : 'bad-chunk-end';
  }

  #readLine(byte: number): RejectionReason | undefined {
    const fault = this.#line.read(byte);
    if (fault !== undefined) return fault;
    if (this.#line.extensionBytes > this.#limits.fieldBytes) return 'chunk-extensions-too-large';
    if (!this.#line.isComplete) return undefined;
    this.#left = this.#line.size;
    this.#allowed -= this.#left;
    if (this.#allowed < 0) return 'body-too-large';
    this.#part = this.#left === 0 ? 'trailers' : 'data';
    return undefined;
  }

  #readTrailers(piece: Buffer, at: number, end: number): BodyStep {
    const hasNone =
      this.#trailerParser?.isPartial !== true && piece[at] === CR && at + 1 < end && piece[at + 1] === LF;
    if (hasNone) {
      this.next = at + 2;
      return 'end';
    }
    this.#trailerParser ??= new TrailerParser(this.#limits);
    const parser = this.#trailerParser;
    switch (parser.feed(piece, at, end)) {
      case 'partial':
        this.next = end;
        return 'more';
      case 'rejected':
        return this.#reject(parser.rejection!);
      case 'complete':
        this.next = parser.next;
        this.trailers = parser.trailers();
        return 'end';
    }
  }

  #reject(reason: RejectionReason): BodyStep {
    this.rejection = reason;
    return 'rejected';
  }
}
