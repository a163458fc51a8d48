import type { CookieCaching, ResponseCookies } from '../affinity/response-cookies.ts';
import {
  FieldKind,
  type FieldSection,
  type FieldSet,
  fieldLine,
  fieldSet,
  isInFieldSet,
} from '../codec/index.ts';
import { joined } from './forwarded-lines.ts';
import { viaLine } from './via.ts';

/** Response fields that are not passed on as they are: hop-by-hop ones, nominated ones, and the framing. */
const NOT_COPIED: FieldSet = fieldSet(
  'nominated',
  'connection',
  'contentLength',
  'keepAlive',
  'proxyAuthenticate',
  'proxyConnection',
  'trailer',
  'transferEncoding',
  'upgrade',
  'via',
);
const SET_COOKIE: FieldSet = fieldSet('setCookie');
const CACHE_CONTROL: FieldSet = fieldSet('cacheControl');

/** The field lines of a response for the client: an endpoint's without its hop-by-hop fields, then ours. */
export function downstreamLines(fields: FieldSection, cookies: ResponseCookies): string {
  let notCopied = NOT_COPIED;
  let ours = '';
  const { ofEndpoint, setCookies, cacheControl } = cookies;
  if (ofEndpoint !== undefined && isInFieldSet(fields.kinds, FieldKind.setCookie)) {
    const changed = changedSetCookies(fields, ofEndpoint);
    if (changed !== undefined) {
      notCopied |= SET_COOKIE;
      ours += changed;
    }
  }
  for (const setCookie of setCookies) ours += fieldLine('Set-Cookie', setCookie);
  if (cacheControl !== undefined) {
    notCopied |= CACHE_CONTROL;
    ours += fieldLine('Cache-Control', cachedAs[cacheControl](joined(fields, FieldKind.cacheControl)));
  }
  return fields.copy(notCopied) + ours + viaLine(fields);
}

/** The `Set-Cookie` lines of an endpoint as they go on; undefined where all of them stay as they are. */
function changedSetCookies(
  fields: FieldSection,
  passed: NonNullable<ResponseCookies['ofEndpoint']>,
): string | undefined {
  let lines = '';
  let isChanged = false;
  let index = fields.indexOf(FieldKind.setCookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.setCookie, index + 1)) {
    const value = fields.value(index);
    const after = passed(value);
    if (after !== value) isChanged = true;
    if (after !== undefined) lines += `${fields.name(index)}: ${after}\r\n`;
  }
  return isChanged ? lines : undefined;
}

/** A response that carries one client's cookie must not be kept for others (RFC 9111 section 5.2.2). */
export function privateCacheControl(value: string | undefined): string {
  if (value === undefined) return 'private';
  const directives = value.split(',').map((directive) => directive.trim());
  const names = directives.map((directive) => directive.toLowerCase());
  if (names.includes('private') || names.includes('no-store')) return value;
  const kept = directives.filter(
    (directive) => !/^(?:public$|s-maxage\b|private\b)/i.test(directive) && directive !== '',
  );
  return ['private', ...kept].join(', ');
}

/** Any cache may keep the response, and none may give its cookie to others without asking (RFC 9111 section 5.2.2.4). */
export function uncachedCookie(value: string | undefined): string {
  if (value === undefined) return NO_CACHED_COOKIE;
  const names = value.split(',').map((directive) => directive.trim().toLowerCase());
  const isStrict = names.some(
    (name) => /^(?:private|no-store|no-cache)$/.test(name) || name === NO_CACHED_COOKIE,
  );
  return isStrict ? value : `${value}, ${NO_CACHED_COOKIE}`;
}

const NO_CACHED_COOKIE = 'no-cache="set-cookie"';

const cachedAs: Readonly<Record<CookieCaching, (value: string | undefined) => string>> = {
  private: privateCacheControl,
  'no-cache': uncachedCookie,
};
