/**
 * Finding and removing one cookie in raw `Cookie` field values (RFC 6265 section 4.2.1), without building a
 * list of the others: they belong to the application and pass through byte for byte.
 */

const SPACE = 0x20;
const TAB = 0x09;

/** One occurrence of a cookie in a field value: its value, and the stretch that its removal takes away. */
interface Occurrence {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** The values of every cookie called `name`, in order. An empty list costs no allocation worth naming. */
export function cookieValues(field: string, name: string): readonly string[] {
  let occurrence = findCookie(field, name, 0);
  if (occurrence === undefined) return NONE;
  const values: string[] = [];
  while (occurrence !== undefined) {
    values.push(occurrence.value);
    occurrence = findCookie(field, name, occurrence.end);
  }
  return values;
}

const NONE: readonly string[] = [];

/** The field value without any cookie called `name`; empty if nothing is left. The same string if there is none. */
export function withoutCookie(field: string, name: string): string {
  let rest = field;
  let occurrence = findCookie(rest, name, 0);
  while (occurrence !== undefined) {
    rest = rest.slice(0, occurrence.start) + rest.slice(occurrence.end);
    occurrence = findCookie(rest, name, occurrence.start);
  }
  return rest;
}

function findCookie(field: string, name: string, from: number): Occurrence | undefined {
  for (let at = field.indexOf(name, from); at !== -1; at = field.indexOf(name, at + 1)) {
    if (field.charCodeAt(at + name.length) !== 0x3d || !startsPair(field, at)) continue;
    const semicolon = field.indexOf(';', at);
    const valueEnd = semicolon === -1 ? field.length : semicolon;
    const value = field.slice(at + name.length + 1, valueEnd).trimEnd();
    return { value, ...removal(field, at, semicolon) };
  }
  return undefined;
}

/** Whether nothing but blanks stands between `at` and the pair before it, so that `x_name=` is no `name=`. */
function startsPair(field: string, at: number): boolean {
  let index = at - 1;
  while (index >= 0 && isBlank(field.charCodeAt(index))) index--;
  return index < 0 || field.charCodeAt(index) === 0x3b;
}

/** A pair goes with the separator behind it, or, as the last one, with the separator before it. */
function removal(field: string, at: number, semicolon: number): { start: number; end: number } {
  if (semicolon !== -1) {
    let end = semicolon + 1;
    while (isBlank(field.charCodeAt(end))) end++;
    return { start: at, end };
  }
  let start = at;
  while (start > 0 && (isBlank(field.charCodeAt(start - 1)) || field.charCodeAt(start - 1) === 0x3b)) start--;
  return { start, end: field.length };
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;
