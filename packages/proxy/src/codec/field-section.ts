import { FieldKind, type FieldSet, isInFieldSet } from './field-kind.ts';

/** Per field: start and end of its name, start and end of its value, and its kind. */
const STRIDE = 5;
const INITIAL_LINES = 24;
const KINDS = 32;
const KIND_BITS = KINDS - 1;
/** Set beside the kind of a line that is not written exactly as `name: value` and has to be written anew. */
const LOOSE = 32;

/**
 * The fields of one head or trailer section, in the order received.
 *
 * They are kept as positions in the text of the head, not as strings: a string of each name and value would cost as
 * much as the scan does, and most fields of a proxied message are copied without being looked at. Read what is
 * needed with {@link value} and {@link find}, pass the rest on with {@link copy}, or take all with {@link toList}.
 *
 * The section is overwritten by the next head of its parser. Strings taken from it stay valid for ever, and may keep
 * the text of the whole head alive with them.
 */
export class FieldSection {
  /** How many fields there are. */
  count = 0;
  /** The kinds that occur. */
  kinds: FieldSet = 0;
  /** The kinds that occur more than once. */
  repeated: FieldSet = 0;

  #text = '';
  /** Where the section begins in the text. */
  #base = 0;
  #positions = new Int32Array(INITIAL_LINES * STRIDE);
  /** The first field of each kind that occurs. */
  readonly #firstOf = new Uint16Array(KINDS);

  /** Forgets all fields. */
  clear(): void {
    this.count = 0;
    this.kinds = 0;
    this.repeated = 0;
    this.#text = '';
  }

  /** Begins with the first `count` fields of the section before, with what is known of their kinds. */
  retain(count: number, kinds: FieldSet, repeated: FieldSet): void {
    this.count = count;
    this.kinds = kinds;
    this.repeated = repeated;
  }

  /**
   * Adds a field by its positions in the text that {@link attach} will bring. `isTight`: its line reads `name: value`
   * with exactly one space.
   */
  add(
    nameAt: number,
    nameEnd: number,
    valueAt: number,
    valueEnd: number,
    kind: number,
    isTight: boolean,
  ): void {
    const index = this.count * STRIDE;
    if (index === this.#positions.length) this.#grow();
    const positions = this.#positions;
    positions[index] = nameAt;
    positions[index + 1] = nameEnd;
    positions[index + 2] = valueAt;
    positions[index + 3] = valueEnd;
    positions[index + 4] = isTight ? kind : kind | LOOSE;
    const bit = 1 << kind;
    if ((this.kinds & bit) === 0) this.#firstOf[kind] = this.count;
    else this.repeated |= bit;
    this.kinds |= bit;
    this.count++;
  }

  #grow(): void {
    const larger = new Int32Array(this.#positions.length * 2);
    larger.set(this.#positions);
    this.#positions = larger;
  }

  /** Hands over the text of the head, in which the section begins at `base`. */
  attach(text: string, base: number): void {
    this.#text = text;
    this.#base = base;
  }

  /** Where the line of field `index` ends in the section, its CRLF included; nowhere near if it is written loosely. */
  lineEnd(index: number): number {
    const at = index * STRIDE;
    const isTight = (this.#positions[at + 4]! & LOOSE) === 0;
    return isTight ? this.#positions[at + 3]! + 2 : Number.POSITIVE_INFINITY;
  }

  /** The name of field `index` as received. */
  name(index: number): string {
    const at = index * STRIDE;
    return this.#text.slice(this.#base + this.#positions[at]!, this.#base + this.#positions[at + 1]!);
  }

  /** The value of field `index`, without the blanks around it; one character is one byte (latin1). */
  value(index: number): string {
    const at = index * STRIDE;
    return this.#text.slice(this.#base + this.#positions[at + 2]!, this.#base + this.#positions[at + 3]!);
  }

  /** The kind of field `index`. */
  kind(index: number): number {
    return this.#positions[index * STRIDE + 4]! & KIND_BITS;
  }

  /** The first field of a recognised kind at `from` or after it; -1 where there is none. */
  indexOf(kind: FieldKind, from = 0): number {
    if (!isInFieldSet(this.kinds, kind)) return -1;
    const first = this.#firstOf[kind]!;
    if (first >= from) return first;
    if (!isInFieldSet(this.repeated, kind)) return -1;
    for (let index = from; index < this.count; index++) if (this.kind(index) === kind) return index;
    return -1;
  }

  /** The first field of a name, in lower case, at `from` or after it; -1 where there is none. Letter case does not matter. */
  find(name: string, from = 0): number {
    for (let index = from; index < this.count; index++) if (this.#isNamed(index, name)) return index;
    return -1;
  }

  #isNamed(index: number, name: string): boolean {
    const at = this.#positions[index * STRIDE]!;
    if (this.#positions[index * STRIDE + 1]! - at !== name.length) return false;
    for (let offset = 0; offset < name.length; offset++) {
      const code = this.#text.charCodeAt(this.#base + at + offset);
      const isUpperCase = code >= 0x41 && code <= 0x5a;
      if ((isUpperCase ? code + 32 : code) !== name.charCodeAt(offset)) return false;
    }
    return true;
  }

  /** Marks the ordinary fields of a name, in lower case, as hop-by-hop. Recognised fields have rules of their own. */
  nominate(name: string): void {
    for (let index = this.find(name); index >= 0; index = this.find(name, index + 1)) {
      if (this.kind(index) !== FieldKind.ordinary) return;
      this.#positions[index * STRIDE + 4]! += FieldKind.nominated;
      this.kinds |= 1 << FieldKind.nominated;
    }
  }

  /** All fields as name, value, name, value, in the order and spelling received. The list is new and the caller's. */
  toList(): string[] {
    const list = new Array<string>(this.count * 2);
    for (let index = 0; index < this.count; index++) {
      list[index * 2] = this.name(index);
      list[index * 2 + 1] = this.value(index);
    }
    return list;
  }

  /**
   * The field lines without those of the `dropped` kinds, each as `name: value` and CRLF. Lines that are kept side by
   * side are copied as one piece of the text, which the scan has shown to be free of anything that ends a line early.
   */
  copy(dropped: FieldSet): string {
    const positions = this.#positions;
    const base = this.#base;
    let lines = '';
    let runAt = -1;
    let runEnd = 0;
    for (let index = 0; index < this.count; index++) {
      const at = index * STRIDE;
      const kind = positions[at + 4]!;
      const isDropped = isInFieldSet(dropped, kind & KIND_BITS);
      if (!isDropped && (kind & LOOSE) === 0) {
        if (runAt < 0) runAt = positions[at]!;
        runEnd = positions[at + 3]! + 2;
        continue;
      }
      if (runAt >= 0) lines += this.#text.slice(base + runAt, base + runEnd);
      runAt = -1;
      if (!isDropped) lines += `${this.name(index)}: ${this.value(index)}\r\n`;
    }
    return runAt < 0 ? lines : lines + this.#text.slice(base + runAt, base + runEnd);
  }
}
