import { HoldfastError } from '@holdfast/shared';
import { FIELD_VALUE, TOKEN } from './bytes.ts';

/**
 * Writes what the parsers read. Results are strings of one character per byte, to be written as `latin1`, so that a head
 * and what goes with it become one write.
 *
 * Whatever did not come from a parser is checked here: a name or value that could end its line early, or that has
 * characters which latin1 would fold into control bytes (U+010A becomes LF), throws `HoldfastError` `INTERNAL`.
 * Fields that are passed on as received are copied with `FieldSection.copy` and need no second check.
 */

/** Ends a head after its fields. */
export const HEAD_END = '\r\n';

/** `GET /path HTTP/1.1`. The method and target are a parser's, or constants. */
export const requestLine = (method: string, target: string): string => `${method} ${target} HTTP/1.1\r\n`;

/** `HTTP/1.1 200 OK`. The reason is a parser's, or a constant; the space before it stays when it is empty. */
export const statusLine = (status: number, reason: string): string => `HTTP/1.1 ${status} ${reason}\r\n`;

/** One field line. */
export function fieldLine(name: string, value: string): string {
  if (!isName(name))
    throw new HoldfastError('INTERNAL', `write a field whose name is no token: ${JSON.stringify(name)}`);
  if (!isValue(value))
    throw new HoldfastError('INTERNAL', `write a field whose value has a forbidden character: ${name}`);
  return `${name}: ${value}\r\n`;
}

/**
 * The lines of a list whose every string was read by a parser or is a constant: the check of {@link fieldLines}, which
 * costs three times as much as the writing, would find nothing.
 */
export function trustedFieldLines(list: readonly string[]): string {
  let lines = '';
  for (let index = 0; index + 1 < list.length; index += 2)
    lines += `${list[index]!}: ${list[index + 1]!}\r\n`;
  return lines;
}

/** The lines of a list of name, value, name, value. */
export function fieldLines(list: readonly string[]): string {
  let lines = '';
  for (let index = 0; index + 1 < list.length; index += 2) lines += fieldLine(list[index]!, list[index + 1]!);
  return lines;
}

/** A whole request head. */
export const requestHead = (method: string, target: string, fields: readonly string[]): string =>
  requestLine(method, target) + fieldLines(fields) + HEAD_END;

/** A whole response head. */
export const responseHead = (status: number, reason: string, fields: readonly string[]): string =>
  statusLine(status, reason) + fieldLines(fields) + HEAD_END;

/** What comes before `length` bytes of chunk data, and {@link CHUNK_END} after them. Length 0 would end the body. */
export const chunkStart = (length: number): string => `${length.toString(16)}\r\n`;

/** What comes after the data of a chunk. */
export const CHUNK_END = '\r\n';

/** Ends a chunked body that has no trailers. */
export const LAST_CHUNK = '0\r\n\r\n';

/** Ends a chunked body with these trailers, as name, value, name, value. */
export const lastChunk = (trailers: readonly string[]): string =>
  trailers.length === 0 ? LAST_CHUNK : `0\r\n${fieldLines(trailers)}\r\n`;

const isName = (name: string): boolean => name !== '' && isMadeOf(name, TOKEN);
const isValue = (value: string): boolean => isMadeOf(value, FIELD_VALUE);

function isMadeOf(text: string, table: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff || table[code] === 0) return false;
  }
  return true;
}
