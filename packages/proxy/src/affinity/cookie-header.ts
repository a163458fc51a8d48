/**
 * Finding and removing one cookie in raw `Cookie` field values (RFC 6265 section 4.2.1), without building a
 * list of the others: they belong to the application and pass through byte for byte.
 */

const SPACE = 0x20;
const TAB = 0x09;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

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
    if (field.charCodeAt(at + name.length) !== EQUALS || !startsPair(field, at)) continue;
    const semicolon = field.indexOf(';', at);
    const valueStart = at + name.length + 1;
    const isLast = semicolon === -1;
    return {
      value: withoutBlanks(field, valueStart, isLast ? field.length : semicolon),
      // A pair goes with the separator behind it, or, as the last one, with the separator before it.
      start: isLast ? separatorStart(field, at) : at,
      end: isLast ? field.length : separatorEnd(field, semicolon),
    };
  }
  return undefined;
}

/** Whether nothing but blanks stands between `at` and the pair before it, so that `x_name=` is no `name=`. */
function startsPair(field: string, at: number): boolean {
  let index = at - 1;
  while (index >= 0 && isBlank(field.charCodeAt(index))) index--;
  return index < 0 || field.charCodeAt(index) === SEMICOLON;
}

function withoutBlanks(field: string, start: number, end: number): string {
  let last = end;
  while (last > start && isBlank(field.charCodeAt(last - 1))) last--;
  return field.slice(start, last);
}

function separatorStart(field: string, at: number): number {
  let start = at;
  while (start > 0 && isSeparator(field.charCodeAt(start - 1))) start--;
  return start;
}

function separatorEnd(field: string, semicolon: number): number {
  let end = semicolon + 1;
  while (isBlank(field.charCodeAt(end))) end++;
  return end;
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;
const isSeparator = (code: number): boolean => isBlank(code) || code === SEMICOLON;
