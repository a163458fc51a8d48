import { HoldfastError } from '@holdfast/shared';
import { CR, LF } from './bytes.ts';
import { FieldScanner } from './field-scanner.ts';
import type { FieldSection } from './field-section.ts';
import { HeldBytes } from './held-bytes.ts';
import { defaultHeadLimits, type HeadLimits } from './limits.ts';
import type { RejectionReason } from './rejection.ts';
import { PARTIAL, REJECTED, type ScanResult } from './scan-result.ts';
import { loadScratch, SCRATCH_BYTES, scratch } from './scratch.ts';

/**
 * What feeding a parser came to.
 *
 * - `partial`: all bytes were taken, and more are needed
 * - `complete`: the head can be read from the parser, and `next` tells where it ended
 * - `rejected`: `rejection` tells why; nothing more can be read from this connection
 */
export type HeadState = 'partial' | 'complete' | 'rejected';

/** More than a start line has besides its target: an empty line, the longest method, the version, separators. */
const START_LINE_ALLOWANCE = 64;
const FIRST_LOOK_BYTES = 2_048;

/**
 * The incremental machinery of heads and trailer sections: a start line, then fields, then an empty line.
 *
 * A parser serves one connection, one message after the other. What it has read stays readable until the next call of
 * {@link feed}, which begins the next head; strings and lists that were taken before stay valid.
 *
 * Bytes belong to the caller: no reference to a piece is kept, and its buffer may be reused as soon as `feed` returns.
 * Only an unfinished head is held in memory of the parser's own.
 *
 * Work is linear in the bytes received, however small the pieces: an unfinished line is read again only when its end has
 * arrived or a limit is reached. A flaw in it is therefore reported then at the latest.
 */
export abstract class HeadParser {
  /** The fields of the head last completed. */
  readonly fields: FieldSection;
  /** Where the head ended in the piece that completed it: what follows is body, or the next head. */
  next = 0;
  /** Why the last feed answered `rejected`. */
  rejection: RejectionReason | undefined;

  protected readonly limits: HeadLimits;
  /** The whole head as received, one character per byte. */
  protected text = '';

  readonly #scanner: FieldScanner;
  readonly #held: HeldBytes;
  readonly #bytesMax: number;
  #isInFields = false;
  #fieldsAt = 0;

  constructor(limits: HeadLimits = defaultHeadLimits) {
    this.limits = limits;
    this.#scanner = new FieldScanner(limits);
    this.fields = this.#scanner.fields;
    this.#bytesMax = START_LINE_ALLOWANCE + limits.targetBytes + limits.fieldBytes;
    if (this.#bytesMax > SCRATCH_BYTES) throw new HoldfastError('INTERNAL', 'read heads of more than 64 KiB');
    this.#held = new HeldBytes(this.#bytesMax);
  }

  /** Whether part of a head has arrived: a connection that ends or times out now breaks off in the middle. */
  get isPartial(): boolean {
    return this.#held.length > 0;
  }

  /** Takes the bytes of `piece` from `start` to `end`. Never throws. */
  feed(piece: Buffer, start: number, end: number): HeadState {
    if (this.#held.length > 0) return this.#feedOn(piece, start, end);
    this.rejection = undefined;
    this.#isInFields = false;
    const result = this.#parsePiece(piece, start, end);
    if (result !== PARTIAL) return this.#finish(result, start);
    this.#held.append(piece, start, end);
    return 'partial';
  }

  /** Most heads are short, and what follows one in its piece may be long. */
  #parsePiece(piece: Buffer, start: number, end: number): ScanResult {
    const length = Math.min(end - start, FIRST_LOOK_BYTES);
    loadScratch(piece, start, start + length);
    const result = this.#parse(length);
    if (result !== PARTIAL || length === end - start) return result;
    const longer = Math.min(end - start, this.#bytesMax);
    loadScratch(piece, start, start + longer);
    return this.#parse(longer);
  }

  #feedOn(piece: Buffer, start: number, end: number): HeadState {
    const before = this.#held.length;
    this.#held.append(piece, start, end);
    const { length, bytes } = this.#held;
    if (length < this.#limitAt && !piece.subarray(start, end).includes(LF)) return 'partial';
    loadScratch(bytes, 0, length);
    const result = this.#parse(length);
    if (result === PARTIAL) return 'partial';
    this.#held.clear();
    return this.#finish(result, start - before);
  }

  /** The length at which what is held, if it still is no head, breaks a limit. */
  get #limitAt(): number {
    return this.#isInFields
      ? this.#fieldsAt + this.limits.fieldBytes
      : START_LINE_ALLOWANCE + this.limits.targetBytes;
  }

  #finish(result: ScanResult, headAt: number): HeadState {
    if (result === REJECTED) return 'rejected';
    this.next = headAt + result;
    return 'complete';
  }

  /** Reads on in the head that stands in the scratch up to `end`. */
  #parse(end: number): ScanResult {
    if (!this.#isInFields) {
      const at = this.scanStartLine(end);
      if (at < 0) return at;
      this.#isInFields = true;
      this.#fieldsAt = at;
      this.#scanner.begin(at);
    }
    const next = this.#scanner.scan(end);
    if (next === PARTIAL) return PARTIAL;
    if (next === REJECTED) return this.reject(this.#scanner.rejection);
    this.text = scratch.toString('latin1', 0, next);
    this.fields.attach(this.text, this.#fieldsAt);
    const fault = this.interpret();
    return fault === undefined ? next : this.reject(fault);
  }

  /** Expects CRLF and answers where it ends; `fault` is what any other byte means here. */
  protected scanLineEnd(at: number, end: number, fault: RejectionReason): ScanResult {
    if (at === end) return PARTIAL;
    if (scratch[at] !== CR) return this.reject(scratch[at] === LF ? 'bare-lf' : fault);
    if (at + 1 === end) return PARTIAL;
    return scratch[at + 1] === LF ? at + 2 : this.reject('bare-cr');
  }

  protected reject(reason: RejectionReason | undefined): ScanResult {
    this.rejection = reason;
    return REJECTED;
  }

  /** Reads the start line in the scratch, where the received bytes end at `end`. Answers where the fields begin. */
  protected abstract scanStartLine(end: number): ScanResult;

  /** Reads what the start line and the recognised fields of a complete head say; answers the rule that they break. */
  protected abstract interpret(): RejectionReason | undefined;
}
