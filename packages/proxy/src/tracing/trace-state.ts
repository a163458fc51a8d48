/** A key of Trace Context level 1, or one that begins with a digit, which level 2 allows. */
const KEY = '(?:[a-z0-9][a-z0-9_\\-*/]{0,255}|[a-z0-9][a-z0-9_\\-*/]{0,240}@[a-z][a-z0-9_\\-*/]{0,13})';
/** Printable ASCII without comma and equals sign, the last of it no space. */
const VALUE = '[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]';
const MEMBERS_MAX = 32;
/** With empty ones between them, which count for nothing, and are not counted for ever. */
const PARTS_MAX = 2 * MEMBERS_MAX;
const LIST = new RegExp(`^${KEY}=${VALUE}(?:,${KEY}=${VALUE}){0,${MEMBERS_MAX - 1}}$`);

/**
 * The value of a `tracestate` (W3C Trace Context section 3.3) without what means nothing: empty members and the blanks
 * around others. One that breaks a rule is no state, and `''`: of what cannot be read nothing may be passed on.
 *
 * @param text the values of all its lines, joined by commas
 */
export function readTraceState(text: string): string {
  if (LIST.test(text)) return hasEachKeyOnce(text) ? text : '';
  const state = withoutBlanks(text);
  return state !== text && LIST.test(state) && hasEachKeyOnce(state) ? state : '';
}

const withoutBlanks = (text: string): string =>
  text
    .split(',', PARTS_MAX)
    .map(trimmed)
    .filter((member) => member !== '')
    .join(',');

/** Without the blanks of HTTP around it. */
function trimmed(member: string): string {
  let start = 0;
  let end = member.length;
  while (start < end && isBlank(member.charCodeAt(start))) start++;
  while (start < end && isBlank(member.charCodeAt(end - 1))) end--;
  return member.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Looks for each key among the members after its own: no value has a comma in it. */
function hasEachKeyOnce(list: string): boolean {
  for (let at = 0; ; ) {
    const comma = list.indexOf(',', at);
    if (comma < 0) return true;
    const key = list.slice(at, list.indexOf('=', at) + 1);
    if (list.includes(`,${key}`, comma)) return false;
    at = comma + 1;
  }
}
