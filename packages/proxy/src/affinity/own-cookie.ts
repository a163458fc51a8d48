import { FieldKind, type FieldSection } from '../codec/index.ts';
import { takeCookie } from './cookie-header.ts';

/** Of a message without any. */
export const NO_COOKIES: readonly string[] = [];

/** Our own cookie, taken out of a request. */
export interface OwnCookie {
  /** The values that it had, in order; never none. */
  readonly values: readonly string[];
  /** What is left of the `Cookie` lines, each ending in CRLF; empty if nothing is. */
  readonly lines: string;
}

/**
 * Takes the cookies of these names, which all say the same, out of the `Cookie` lines of a request. Undefined where there
 * is none.
 */
export function takeOwnCookie(fields: FieldSection, names: readonly string[]): OwnCookie | undefined {
  let values: readonly string[] | undefined;
  let lines = '';
  let index = fields.indexOf(FieldKind.cookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.cookie, index + 1)) {
    let rest = fields.value(index);
    for (const name of names) {
      const taken = takeCookie(rest, name);
      if (taken === undefined) continue;
      rest = taken.rest;
      values = values === undefined ? taken.values : values.concat(taken.values);
    }
    if (rest !== '') lines += `${fields.name(index)}: ${rest}\r\n`;
  }
  return values === undefined ? undefined : { values, lines };
}
