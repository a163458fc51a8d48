/** How a value is written, which its tag says (Protocol Buffers encoding, "Message Structure"). */
const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

/** The length of what is not known beforehand is written in so many bytes, though fewer would do: every reader takes that. */
const LENGTH_BYTES = 4;
/** What a character of a string takes in UTF-8 at most. */
const CHARACTER_BYTES = 3;
const INITIAL_BYTES = 64 * 1_024;

/**
 * Writes a protobuf message, field by field, in one pass over its values. A message within another is begun, and ended when
 * all of its fields are written.
 */
export class ProtobufWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Where the next byte goes. */
  get length(): number {
    return this.#at;
  }

  /** A copy of all that has been written since that place. */
  since(start: number): Uint8Array {
    return this.#bytes.slice(start, this.#at);
  }

  /** Forgets all that has been written. */
  clear(): void {
    this.#at = 0;
  }

  /** @returns what {@link end} is to be told */
  begin(field: number): number {
    this.#reserve(LENGTH_BYTES);
    this.#tag(field, DELIMITED);
    this.#at += LENGTH_BYTES;
    return this.#at;
  }

  end(start: number): void {
    this.#padded(start - LENGTH_BYTES, this.#at - start);
  }

  /** Fields that have been written before. */
  raw(fields: Uint8Array): void {
    this.#reserve(fields.length);
    this.#bytes.set(fields, this.#at);
    this.#at += fields.length;
  }

  /** @param value a whole number from 0 */
  uint(field: number, value: number): void {
    this.#reserve(10);
    this.#tag(field, VARINT);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  fixed32(field: number, value: number): void {
    this.#reserve(4);
    this.#tag(field, FIXED_32);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  fixed64(field: number, value: bigint): void {
    this.#reserve(8);
    this.#tag(field, FIXED_64);
    this.#view.setBigUint64(this.#at, value, true);
    this.#at += 8;
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#tag(field, FIXED_64);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** The bytes that a text of hexadecimal digits in lower case stands for. */
  hex(field: number, digits: string): void {
    const length = digits.length / 2;
    this.#reserve(LENGTH_BYTES + length);
    this.#tag(field, DELIMITED);
    this.#bytes[this.#at++] = length;
    for (let index = 0; index < digits.length; index += 2)
      this.#bytes[this.#at++] =
        (nibble(digits.charCodeAt(index)) << 4) | nibble(digits.charCodeAt(index + 1));
  }

  string(field: number, text: string): void {
    const bytesMax = text.length * CHARACTER_BYTES;
    this.#reserve(LENGTH_BYTES + bytesMax);
    this.#tag(field, DELIMITED);
    const isShort = bytesMax < 0x80;
    const lengthAt = this.#at;
    this.#at += isShort ? 1 : LENGTH_BYTES;
    const length = this.#text(text);
    this.#at += length;
    if (isShort) this.#bytes[lengthAt] = length;
    else this.#padded(lengthAt, length);
  }

  /** Writes the text and answers with its length; what is ASCII costs no call of the encoder. */
  #text(text: string): number {
    const at = this.#at;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return utf8.encodeInto(text, this.#bytes.subarray(at)).written;
      this.#bytes[at + index] = code;
    }
    return text.length;
  }

  #tag(field: number, type: number): void {
    const tag = (field << 3) | type;
    if (tag > 0x7f) this.#bytes[this.#at++] = (tag & 0x7f) | 0x80;
    this.#bytes[this.#at++] = tag > 0x7f ? tag >>> 7 : tag;
  }

  #padded(at: number, value: number): void {
    this.#bytes[at] = (value & 0x7f) | 0x80;
    this.#bytes[at + 1] = ((value >>> 7) & 0x7f) | 0x80;
    this.#bytes[at + 2] = ((value >>> 14) & 0x7f) | 0x80;
    this.#bytes[at + 3] = (value >>> 21) & 0x7f;
  }

  /** Makes room for a tag and so many bytes. */
  #reserve(bytes: number): void {
    const needed = this.#at + 2 + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const utf8 = new TextEncoder();

/** What a hexadecimal digit in lower case stands for. */
const nibble = (code: number): number => (code < 0x3a ? code - 0x30 : code - 0x57);
