import { COLON, CR, isBlank, LF, SP, TOKEN } from './bytes.ts';
import { classify, FieldKind, isInFieldSet } from './field-kind.ts';
import { FieldSection } from './field-section.ts';
import { KnownLines } from './known-lines.ts';
import type { HeadLimits } from './limits.ts';
import type { RejectionReason } from './rejection.ts';
import { PARTIAL, REJECTED, type ScanResult } from './scan-result.ts';
import { scratch, skipFieldValue } from './scratch.ts';

/**
 * Reads field lines (RFC 9112 section 5) strictly, in one pass over the bytes: each byte is looked up once in the table
 * of what may stand there. A section that arrives in pieces is taken up again at its first incomplete line.
 */
export class FieldScanner {
  readonly fields = new FieldSection();
  /** Why the last scan answered {@link REJECTED}. */
  rejection: RejectionReason | undefined;

  readonly #limits: HeadLimits;
  #startAt = 0;
  #resumeAt = 0;
  readonly #known = new KnownLines();
  #isKnown = false;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Forgets the fields and expects the first one `at` bytes into the head. */
  begin(at: number): void {
    // Lines that were nominated as hop-by-hop are so in one head only.
    if (isInFieldSet(this.fields.kinds, FieldKind.nominated)) this.#known.forget();
    this.fields.clear();
    this.rejection = undefined;
    this.#startAt = at;
    this.#resumeAt = at;
    this.#isKnown = false;
  }

  /**
   * Scans the lines in the scratch, where the received bytes end at `end`, from where the last scan of this section
   * stopped up to the empty line. Answers where the section ends.
   */
  scan(end: number): ScanResult {
    const limitAt = this.#startAt + this.#limits.fieldBytes;
    if (end < limitAt) return this.#scanLines(end);
    // Nothing behind the limit belongs to an acceptable section, so the bytes may as well end there.
    scratch[limitAt] = 0;
    const result = this.#scanLines(limitAt);
    return result === PARTIAL ? this.#reject('fields-too-large') : result;
  }

  #scanLines(end: number): ScanResult {
    const fields = this.fields;
    const base = this.#startAt;
    if (this.#resumeAt === base) this.#stepOverKnown(end);
    let nameAt = this.#resumeAt;
    for (;;) {
      this.#resumeAt = nameAt;
      let at = nameAt;
      while (TOKEN[scratch[at]!] !== 0) at++;
      if (at === end) return PARTIAL;
      if (scratch[at] !== COLON || at === nameAt) return this.#endOrFault(nameAt, at, end);
      const nameEnd = at++;
      while (isBlank(scratch[at]!)) at++;
      const valueAt = at;
      at = skipFieldValue(at);
      if (at === end || (scratch[at] === CR && at + 1 === end)) return PARTIAL;
      if (scratch[at] !== CR || scratch[at + 1] !== LF) return this.#reject(lineEndFault(scratch[at]!));
      let valueEnd = at;
      while (valueEnd > valueAt && isBlank(scratch[valueEnd - 1]!)) valueEnd--;
      if (fields.count === this.#limits.fieldLines) return this.#reject('too-many-fields');
      const isTight = valueAt === nameEnd + 2 && scratch[nameEnd + 1] === SP && valueEnd === at;
      const kind = classify(scratch, nameAt, nameEnd);
      fields.add(nameAt - base, nameEnd - base, valueAt - base, valueEnd - base, kind, isTight);
      nameAt = at + 2;
    }
  }

  #stepOverKnown(end: number): void {
    const known = this.#known;
    this.#isKnown = known.lead(this.#startAt, end);
    if (!this.#isKnown) return;
    this.fields.retain(known.count, known.kinds, known.repeated);
    this.#resumeAt += known.length;
  }

  /** A line without a name is the empty one that ends the section, or broken. */
  #endOrFault(lineAt: number, at: number, end: number): ScanResult {
    if (at !== lineAt || scratch[at] !== CR) return this.#reject(nameFault(scratch[at]!, at === lineAt));
    if (at + 1 === end) return PARTIAL;
    if (scratch[at + 1] !== LF) return this.#reject('bare-cr');
    this.#known.learn(this.fields, this.#startAt, this.#isKnown);
    return at + 2;
  }

  #reject(reason: RejectionReason): ScanResult {
    this.rejection = reason;
    return REJECTED;
  }
}

/** Why a line whose name ends at `byte` is none. */
function nameFault(byte: number, isAtStart: boolean): RejectionReason {
  if (byte === CR) return 'bare-cr';
  if (byte === LF) return 'bare-lf';
  if (isBlank(byte)) return isAtStart ? 'folded-line' : 'space-before-colon';
  return byte === COLON ? 'empty-name' : 'bad-name';
}

/** Why a value cannot go on, or end, with `byte`. */
function lineEndFault(byte: number): RejectionReason {
  if (byte === CR) return 'bare-cr';
  return byte === LF ? 'bare-lf' : 'bad-value';
}
