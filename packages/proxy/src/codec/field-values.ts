import { DIGIT_0, isBlank, isDigit } from './bytes.ts';

/** Digits of the largest integer that a number holds exactly, 2^53 - 1. */
const DIGITS_MAX = 16;

/**
 * A `Content-Length` (RFC 9110 section 8.6): decimal digits only, without sign, list or leading zero, at most 2^53 - 1.
 * Undefined for anything else: readers that disagree about such a value disagree about where the message ends.
 */
export function parseContentLength(value: string): number | undefined {
  if (value.length === 0 || value.length > DIGITS_MAX) return undefined;
  if (value.length > 1 && value.charCodeAt(0) === DIGIT_0) return undefined;
  let length = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (!isDigit(code)) return undefined;
    // The digit first: adding the character code and then taking 48 away would round near 2^53.
    length = length * 10 + (code - DIGIT_0);
  }
  return length <= Number.MAX_SAFE_INTEGER ? length : undefined;
}

/** Whether a value is this token, which is given in lower case. Letter case does not matter. */
export const isToken = (value: string, token: string): boolean =>
  value === token || (value.length === token.length && value.toLowerCase() === token);

/**
 * The members of a comma-separated list in lower case, empty ones left out (RFC 9110 section 5.6.1). Blanks are
 * trimmed by hand: an expression for blanks at the end tries again at every blank, which a client can make last.
 */
export function listMembers(value: string): string[] {
  const members: string[] = [];
  for (let start = 0; start <= value.length; ) {
    const comma = value.indexOf(',', start);
    let end = comma < 0 ? value.length : comma;
    const next = end + 1;
    while (start < end && isBlank(value.charCodeAt(start))) start++;
    while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
    if (end > start) members.push(value.slice(start, end).toLowerCase());
    start = next;
  }
  return members;
}
