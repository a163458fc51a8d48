import { FieldKind, type FieldSection } from '../codec/index.ts';
import { takeCookie } from './cookie-header.ts';

/** The proxy's own cookie, taken out of a request. */
export interface OwnCookie {
  /** The values that it had, in order; never none. */
  readonly values: readonly string[];
  /** What is left of the `Cookie` lines, each ending in CRLF; empty if nothing is. */
  readonly lines: string;
}

/** Takes the cookies called `name` out of the `Cookie` lines of a request. Undefined where there is none. */
export function takeOwnCookie(fields: FieldSection, name: string): OwnCookie | undefined {
  let values: readonly string[] | undefined;
  let lines = '';
  let index = fields.indexOf(FieldKind.cookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.cookie, index + 1)) {
    const value = fields.value(index);
    const taken = takeCookie(value, name);
    const rest = taken === undefined ? value : taken.rest;
    if (rest !== '') lines += `${fields.name(index)}: ${rest}\r\n`;
    if (taken !== undefined) values = values === undefined ? taken.values : values.concat(taken.values);
  }
  return values === undefined ? undefined : { values, lines };
}
