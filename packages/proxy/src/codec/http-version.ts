import { DIGIT_1, DOT, isDigit } from './bytes.ts';
import { PARTIAL, REJECTED, type ScanResult } from './scan-result.ts';
import { scratch } from './scratch.ts';

/** A version that is well-formed and not ours to speak. */
export const UNSUPPORTED = -3;

/** The length of `HTTP/1.1`. */
export const VERSION_LENGTH = 8;

const NAME = Buffer.from('HTTP/');
const MAJOR = 5;
const MINOR = 7;

/**
 * Reads `HTTP/1.0` or `HTTP/1.1`, in these letters only (RFC 9112 section 2.3), and answers the minor digit. A higher
 * minor version does not exist, and what claims to be one is {@link UNSUPPORTED}.
 */
export function scanVersion(start: number, end: number): ScanResult {
  for (let index = 0; index < VERSION_LENGTH; index++) {
    if (start + index === end) return PARTIAL;
    const byte = scratch[start + index]!;
    if (!belongs(byte, index)) return REJECTED;
  }
  const minor = scratch[start + MINOR]! - DIGIT_1 + 1;
  return scratch[start + MAJOR] === DIGIT_1 && minor <= 1 ? minor : UNSUPPORTED;
}

function belongs(byte: number, index: number): boolean {
  if (index < MAJOR) return byte === NAME[index];
  return index === MAJOR || index === MINOR ? isDigit(byte) : byte === DOT;
}
