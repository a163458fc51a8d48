import type { EpochMs } from '@holdfast/shared';
import { FieldKind, type FieldSection } from '../codec/index.ts';

/** What a response does with a cookie. */
export type SetCookieNews = {
  /** As they are written, from the first `;`. */
  readonly attributes: string;
} & (
  | {
      readonly kind: 'issued';
      readonly token: string;
      /** When the client will have forgotten it, where the response says so. */
      readonly expiresAtMs: EpochMs | undefined;
    }
  | { readonly kind: 'deleted' }
);

/**
 * What the `Set-Cookie` lines of a response do with the cookie called `name` (RFC 6265 section 5). A response may delete
 * it for one path and set it for another: then it has it, and of several values the last.
 */
export function setCookieNews(fields: FieldSection, name: string, nowMs: EpochMs): SetCookieNews | undefined {
  let news: SetCookieNews | undefined;
  let index = fields.indexOf(FieldKind.setCookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.setCookie, index + 1)) {
    const line = newsOf(fields.value(index), name, nowMs);
    if (line !== undefined && (line.kind === 'issued' || news === undefined)) news = line;
  }
  return news;
}

function newsOf(line: string, name: string, nowMs: EpochMs): SetCookieNews | undefined {
  const equals = line.indexOf('=');
  if (equals < name.length || !line.startsWith(name) || line.slice(0, equals).trimEnd() !== name)
    return undefined;
  const semicolon = line.indexOf(';', equals);
  const attributes = semicolon < 0 ? '' : line.slice(semicolon);
  const token = line.slice(equals + 1, line.length - attributes.length).trim();
  const expiresAtMs = expiryOf(attributes.split(';'), nowMs);
  const isOver = token === '' || (expiresAtMs !== undefined && expiresAtMs <= nowMs);
  return isOver ? { kind: 'deleted', attributes } : { kind: 'issued', token, expiresAtMs, attributes };
}

/** `Max-Age` counts before `Expires` (RFC 6265 section 5.3); what cannot be read does not count. */
function expiryOf(attributes: readonly string[], nowMs: EpochMs): EpochMs | undefined {
  let expiresAtMs: EpochMs | undefined;
  let maxAgeEndMs: EpochMs | undefined;
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=');
    const name = attribute.slice(0, Math.max(0, equals)).trim().toLowerCase();
    const value = attribute.slice(equals + 1).trim();
    if (name === 'max-age' && /^-?\d{1,12}$/.test(value)) maxAgeEndMs = nowMs + Number(value) * 1000;
    if (name === 'expires' && !Number.isNaN(Date.parse(value))) expiresAtMs = Date.parse(value);
  }
  return maxAgeEndMs ?? expiresAtMs;
}
