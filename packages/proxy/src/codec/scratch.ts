import { FIELD_VALUE } from './bytes.ts';

/**
 * The one place where heads are scanned. A head is copied here first, which costs a few nanoseconds and makes the scan a
 * third cheaper: the compiler knows this array, so it checks no bounds, and the zero after the last byte, which is in no
 * byte class, ends every loop without a comparison of its own. See `docs/adr/0006-head-parsing.md`.
 *
 * It is shared by all parsers of the thread: nothing may be expected in it from one call of a parser to the next.
 */
export const SCRATCH_BYTES = 65_536;

/** Room for the zero, and for the rest of the word in which the last byte stands. */
const AFTER_END = 8;

export const scratch = Buffer.from(new ArrayBuffer(SCRATCH_BYTES + AFTER_END));
const words = new Int32Array(scratch.buffer);

/** Copies bytes to the start of the scratch and ends them with a zero. */
export function loadScratch(piece: Buffer, start: number, end: number): void {
  piece.copy(scratch, 0, start, end);
  scratch[end - start] = 0;
}

const EVERY_01 = 0x01010101;
const EVERY_20 = 0x20202020;
const EVERY_7F = 0x7f7f7f7f;
const EVERY_80 = 0x80808080;

/** Whether a byte of the word is below 0x20 or is 0x7f: no control byte escapes, HTAB is one of them. */
function hasControl(word: number): boolean {
  const del = word ^ EVERY_7F;
  return ((((word - EVERY_20) & ~word) | ((del - EVERY_01) & ~del)) & EVERY_80) !== 0;
}

/** Where the field value that starts at `start` ends: at the first byte that may not stand in one. Four bytes at a time. */
export function skipFieldValue(start: number): number {
  let at = start;
  while ((at & 3) !== 0 && FIELD_VALUE[scratch[at]!] !== 0) at++;
  if ((at & 3) === 0) {
    let index = at >> 2;
    while (!hasControl(words[index]!)) index++;
    at = index << 2;
  }
  while (FIELD_VALUE[scratch[at]!] !== 0) at++;
  return at;
}
