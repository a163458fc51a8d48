/** The bytes and byte classes of HTTP/1.1 (RFC 9110 section 5, RFC 9112, RFC 3986), as tables for the scanning loops. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const HASH = 0x23;
export const ASTERISK = 0x2a;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const DIGIT_0 = 0x30;
export const DIGIT_1 = 0x31;
export const DIGIT_9 = 0x39;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUESTION = 0x3f;
export const BACKSLASH = 0x5c;
export const QUOTE = 0x22;
export const UNDERSCORE = 0x5f;

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";
const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A table that holds `entry(byte)` where `belongs(byte)`, and 0 elsewhere. */
function table(belongs: (byte: number) => boolean, entry: (byte: number) => number = () => 1): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (belongs(byte) ? entry(byte) : 0));
}

const isOneOf =
  (characters: string) =>
  (byte: number): boolean =>
    characters.includes(String.fromCharCode(byte));

const lowerCase = (byte: number): number => String.fromCharCode(byte).toLowerCase().charCodeAt(0);

const isTokenByte = isOneOf(TOKEN_PUNCTUATION + DIGITS + LETTERS + LETTERS.toUpperCase());

/**
 * The bytes of a token (RFC 9110 section 5.6.2), each as its lower case; 0 for every other byte. `_` stands as `-`,
 * because many application servers cannot tell the two apart.
 */
export const TOKEN = table(isTokenByte, (byte) => (byte === UNDERSCORE ? DASH : lowerCase(byte)));

/** The bytes of a field value: HTAB, SP, visible ASCII and obs-text (RFC 9110 section 5.5). No other control byte. */
export const FIELD_VALUE = table((byte) => (byte >= SP && byte !== 0x7f) || byte === HTAB);

/**
 * The bytes of a request target (RFC 9112 section 3.2): visible ASCII without `#`, since a fragment is never sent.
 * 1 for those of a path, 2 for `?`, which ends it. Wider than RFC 3986 by `"<>[\]^{|}` and backquote, which browsers
 * send unescaped and which cannot change where the target ends.
 */
export const TARGET = table(
  (byte) => byte > SP && byte < 0x7f && byte !== HASH,
  (byte) => (byte === QUESTION ? 2 : 1),
);

/** The bytes of a host name as nearly every request has it: letters, digits, `-` and `.`. */
export const HOST_NAME = table(isOneOf(`-.${DIGITS}${LETTERS}${LETTERS.toUpperCase()}`));

/** The value of a hexadecimal digit plus one; 0 for every other byte. */
export const HEX_DIGIT = table(
  isOneOf(`${DIGITS}abcdefABCDEF`),
  (byte) => Number.parseInt(String.fromCharCode(byte), 16) + 1,
);

export const isDigit = (byte: number): boolean => byte >= DIGIT_0 && byte <= DIGIT_9;
export const isBlank = (byte: number): boolean => byte === SP || byte === HTAB;
