import type { FieldSet } from './field-kind.ts';
import type { FieldSection } from './field-section.ts';
import { scratch } from './scratch.ts';

/** Enough for the lines that a browser repeats; a connection keeps no more than this. */
const BYTES_MAX = 1_024;
/** After so many sections that began as expected, all lines of the next one are expected again. */
const TRUST = 64;
const NOTHING = Buffer.alloc(0);

/**
 * The lines with which the field sections of one connection have begun lately. A sender repeats most of what it says:
 * lines that are the same bytes as before need no second scan, for they mean the same.
 *
 * What is expected shrinks to what two sections had in common, and is widened again from time to time. Nothing is kept
 * of the first section, because many connections carry only one.
 */
export class KnownLines {
  /** How many lines there are, at the start of the section that was read last. */
  count = 0;
  /** The kinds of these lines. */
  kinds: FieldSet = 0;
  /** Those that more than one of these lines has. */
  repeated: FieldSet = 0;
  /** How many bytes they are. */
  length = 0;

  #bytes = NOTHING;
  #isFirst = true;
  #hits = 0;

  /** Whether the section in the scratch from `start` to `end` begins with these lines. */
  lead(start: number, end: number): boolean {
    const { length } = this;
    return (
      length > 0 &&
      length <= end - start &&
      scratch.compare(this.#bytes, 0, length, start, start + length) === 0
    );
  }

  /** Takes note of a section that stands in the scratch at `start` and began as expected, or did not. */
  learn(fields: FieldSection, start: number, isAsExpected: boolean): void {
    if (isAsExpected) {
      if (++this.#hits % TRUST === 0 && this.count < fields.count) this.#keep(fields, start, BYTES_MAX);
    } else if (this.#isFirst) this.#isFirst = false;
    else this.#keep(fields, start, this.length === 0 ? BYTES_MAX : this.#common(start));
  }

  /** Expects nothing. */
  forget(): void {
    this.length = 0;
  }

  /** How many bytes the section has in common with what was expected. */
  #common(start: number): number {
    let at = 0;
    while (at < this.length && this.#bytes[at] === scratch[start + at]) at++;
    return at;
  }

  /** Expects the lines that end within the first `bytes` bytes of the section. */
  #keep(fields: FieldSection, start: number, bytes: number): void {
    this.count = 0;
    this.kinds = 0;
    this.repeated = 0;
    this.length = 0;
    while (this.count < fields.count) {
      const end = fields.lineEnd(this.count);
      if (end > bytes) break;
      const bit = 1 << fields.kind(this.count);
      this.repeated |= this.kinds & bit;
      this.kinds |= bit;
      this.length = end;
      this.count++;
    }
    if (this.length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(this.length);
    scratch.copy(this.#bytes, 0, start, start + this.length);
  }
}
