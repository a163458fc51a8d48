import type { ConfigPath } from './config-path.ts';
import { isSecretAt } from './schema-lookup.ts';

const REDACTED = '<redacted>';
const USER_INFO = /(:\/\/)\S*@/g;
const QUERY_SECRET = /([?&][a-z]*(?:password|secret|token)=)[^&\s]*/gi;

/** A copy of a configuration's value, as written, that may be shown: secrets replaced, credentials taken out of URLs. */
export function redact(value: unknown, path: ConfigPath = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, [...path, index]));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, redact(member, [...path, key])]),
    );
  }
  if (isSecretAt(path)) return value === '' ? '' : REDACTED;
  return typeof value === 'string' ? withoutCredentials(value) : value;
}

/** A URL without the user and password that it may carry; any other text as it is. */
export const withoutCredentials = (text: string): string =>
  text.replace(USER_INFO, '$1redacted@').replace(QUERY_SECRET, '$1redacted');
