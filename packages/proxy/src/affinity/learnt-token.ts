import type { EpochMs } from '@holdfast/shared';
import type { FieldSection } from '../codec/index.ts';
import { setCookieNews } from './set-cookie-news.ts';

/** What a response says of the key of a session: what it is from now on and until when, or that there is none any more. */
export type LearntToken =
  | {
      readonly kind: 'issued';
      readonly token: string;
      /** When the client will have forgotten it, where the response says so. */
      readonly expiresAtMs: EpochMs | undefined;
    }
  | { readonly kind: 'deleted' };

/** Where a response may say it. A pure function; undefined where the response says nothing. */
export type LearnToken = (fields: FieldSection, nowMs: EpochMs) => LearntToken | undefined;

/** The value of a response header. */
export function learnFromHeader(name: string): LearnToken {
  const lowerCased = name.toLowerCase();
  return (fields) => {
    const index = fields.find(lowerCased);
    return index < 0 ? undefined : { kind: 'issued', token: fields.value(index), expiresAtMs: undefined };
  };
}

/** The cookie of that name that the response sets or deletes. */
export const learnFromCookie =
  (name: string): LearnToken =>
  (fields, nowMs) =>
    setCookieNews(fields, name, nowMs);

/** A parameter in the target of a redirect. */
export const learnFromLocation =
  (name: string, parameterOf: (target: string, name: string) => string | undefined): LearnToken =>
  (fields) => {
    const index = fields.find('location');
    const token = index < 0 ? undefined : parameterOf(fields.value(index), name);
    return token === undefined ? undefined : { kind: 'issued', token, expiresAtMs: undefined };
  };
