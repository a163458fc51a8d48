import { FieldKind } from '../codec/index.ts';
import { takeCookie } from './cookie-header.ts';
import { type FindTokens, NO_TOKENS } from './token-source.ts';

/** The values of a cookie of the application, which is left where it is. */
export const appCookieTokens =
  (name: string): FindTokens =>
  ({ fields }) => {
    let tokens = NO_TOKENS;
    let index = fields.indexOf(FieldKind.cookie);
    for (; index >= 0; index = fields.indexOf(FieldKind.cookie, index + 1)) {
      const taken = takeCookie(fields.value(index), name);
      if (taken !== undefined) tokens = tokens === NO_TOKENS ? taken.values : tokens.concat(taken.values);
    }
    return tokens;
  };
