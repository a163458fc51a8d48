/** Keys of Trace Context level 1, and those that begin with a digit, which level 2 allows. */
const KEY = /^(?:[a-z0-9][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
/** Printable ASCII without comma and equals sign, the last of it no space. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MEMBERS_MAX = 32;

/**
 * The value of a `tracestate` (W3C Trace Context section 3.3) without what means nothing: empty members and the blanks
 * around others. One that breaks a rule is no state, and `''`: of what cannot be read nothing may be passed on.
 *
 * @param text the values of all its lines, joined by commas
 */
export function readTraceState(text: string): string {
  const members: string[] = [];
  const keys = new Set<string>();
  for (const part of text.split(',')) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, '');
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = member.slice(0, Math.max(0, equals));
    if (!KEY.test(key) || !VALUE.test(member.slice(equals + 1)) || keys.has(key)) return '';
    keys.add(key);
    members.push(member);
    if (members.length > MEMBERS_MAX) return '';
  }
  return members.join(',');
}
