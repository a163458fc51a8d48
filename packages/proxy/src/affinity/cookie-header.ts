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
  readonly valueStart: number;
  readonly start: number;
  readonly end: number;
}

/** A `Cookie` field value of which one cookie was taken out. */
export interface TakenCookie {
  /** The values that the cookie had, in order. */
  readonly values: readonly string[];
  /** What is left of the field value; empty if nothing is. */
  readonly rest: string;
}

/** Takes every cookie called `name` out of a field value. Undefined where there is none. */
export function takeCookie(field: string, name: string): TakenCookie | undefined {
  const first = findCookie(field, name, 0);
  if (first === undefined) return undefined;
  const values = [first.value];
  let rest = field.slice(0, first.start);
  let { end } = first;
  for (let next = findCookie(field, name, end); next !== undefined; next = findCookie(field, name, end)) {
    values.push(next.value);
    rest += field.slice(end, next.start);
    end = next.end;
  }
  return { values, rest: end === field.length ? withoutSeparator(rest) : rest + field.slice(end) };
}

/** A field value in which every cookie called `name` has another value. Undefined where there is none. */
export function replaceCookie(
  field: string,
  name: string,
  valueFor: (value: string) => string,
): string | undefined {
  let replaced: string | undefined;
  let copied = 0;
  for (let next = findCookie(field, name, 0); next !== undefined; next = findCookie(field, name, next.end)) {
    const { value, valueStart } = next;
    replaced = (replaced ?? '') + field.slice(copied, valueStart) + valueFor(value);
    copied = valueStart + value.length;
  }
  return replaced === undefined ? undefined : replaced + field.slice(copied);
}

const withoutSeparator = (text: string): string => text.slice(0, separatorStart(text, text.length));

function findCookie(field: string, name: string, from: number): Occurrence | undefined {
  for (let at = field.indexOf(name, from); at !== -1; at = field.indexOf(name, at + 1)) {
    if (field.charCodeAt(at + name.length) !== EQUALS || !startsPair(field, at)) continue;
    const semicolon = field.indexOf(';', at);
    const valueStart = at + name.length + 1;
    const isLast = semicolon === -1;
    return {
      value: withoutBlanks(field, valueStart, isLast ? field.length : semicolon),
      valueStart,
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
