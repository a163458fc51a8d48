import { BACKSLASH, CR, EQUALS, FIELD_VALUE, HEX_DIGIT, LF, QUOTE, SEMICOLON, TOKEN } from './bytes.ts';
import type { RejectionReason } from './rejection.ts';

/**
 * Where in the line that starts a chunk the next byte stands (RFC 9112 sections 7.1 and 7.1.1):
 *
 *     size *( ";" name [ "=" ( token / quoted-string ) ] ) CRLF
 *
 * without the blanks that the grammar tolerates for the sake of old senders. Extensions are checked, since a
 * sloppy reading of them is what smuggling through chunks rests on, and then dropped: none is understood here.
 */
type Place =
  | 'first-digit'
  | 'digits'
  | 'name-start'
  | 'name'
  | 'value-start'
  | 'token'
  | 'quoted'
  | 'escaped'
  | 'after-quoted'
  | 'lf'
  | 'complete';

/** 2^52 - 1 in hexadecimal: any size of so many digits is an exact number, and a sum of two still is. */
const DIGITS_MAX = 13;

/** Reads the line that announces a chunk, byte by byte, so that it may be cut anywhere. */
export class ChunkLine {
  /** The size announced by a complete line, in bytes. */
  size = 0;
  /** How many bytes of extensions this body has had. */
  extensionBytes = 0;

  #place: Place = 'first-digit';
  #digits = 0;

  /** Expects a line, in the same body as the last one. */
  begin(): void {
    this.size = 0;
    this.#digits = 0;
    this.#place = 'first-digit';
  }

  get isComplete(): boolean {
    return this.#place === 'complete';
  }

  /** Reads one byte; answers the rule that it breaks. */
  read(byte: number): RejectionReason | undefined {
    switch (this.#place) {
      case 'first-digit':
      case 'digits':
        return this.#readSize(byte);
      case 'lf':
        this.#place = 'complete';
        return byte === LF ? undefined : 'bare-cr';
      default:
        return this.#readExtension(byte);
    }
  }

  #readSize(byte: number): RejectionReason | undefined {
    const digit = HEX_DIGIT[byte]!;
    if (digit !== 0) {
      this.#place = 'digits';
      this.size = this.size * 16 + digit - 1;
      return ++this.#digits > DIGITS_MAX ? 'bad-chunk-size' : undefined;
    }
    if (this.#place === 'first-digit') return 'bad-chunk-size';
    if (byte === LF) return 'bare-lf';
    const place = afterItem(byte);
    if (place === undefined) return 'bad-chunk-size';
    this.#place = place;
    return undefined;
  }

  #readExtension(byte: number): RejectionReason | undefined {
    this.extensionBytes++;
    if (byte === LF) return 'bare-lf';
    const place = extensionPlace(this.#place, byte);
    if (place === undefined) return 'bad-chunk-extension';
    this.#place = place;
    return undefined;
  }
}

/** What may follow a size or a whole extension. */
function afterItem(byte: number): Place | undefined {
  if (byte === CR) return 'lf';
  return byte === SEMICOLON ? 'name-start' : undefined;
}

/** Where a byte leads to from inside an extension; undefined where it may not stand. */
function extensionPlace(place: Place, byte: number): Place | undefined {
  const isToken = TOKEN[byte] !== 0;
  switch (place) {
    case 'name-start':
      return isToken ? 'name' : undefined;
    case 'name':
      if (isToken) return 'name';
      return byte === EQUALS ? 'value-start' : afterItem(byte);
    case 'value-start':
      if (isToken) return 'token';
      return byte === QUOTE ? 'quoted' : undefined;
    case 'token':
      return isToken ? 'token' : afterItem(byte);
    case 'quoted':
      return quotedPlace(byte);
    case 'escaped':
      return FIELD_VALUE[byte] === 1 ? 'quoted' : undefined;
    default:
      return afterItem(byte);
  }
}

function quotedPlace(byte: number): Place | undefined {
  if (byte === QUOTE) return 'after-quoted';
  if (byte === BACKSLASH) return 'escaped';
  return FIELD_VALUE[byte] === 1 ? 'quoted' : undefined;
}
