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

export interface OwnCookie {
  /** The name of the proxy's own cookie: an endpoint that sets one of that name is overruled. */
  readonly name: string | undefined;
  /** The value of our `Set-Cookie`, where the client needs one. */
  readonly setCookie: string | undefined;
}

/** For responses that say nothing of sessions. */
export const noCookie: OwnCookie = { name: undefined, setCookie: undefined };

/** The field lines of a response for the client: an endpoint's without its hop-by-hop fields, then ours. */
export function downstreamLines(fields: FieldSection, cookie: OwnCookie): string {
  let notCopied = NOT_COPIED;
  let ours = '';
  if (
    cookie.name !== undefined &&
    isInFieldSet(fields.kinds, FieldKind.setCookie) &&
    setsCookie(fields, cookie.name)
  ) {
    notCopied |= SET_COOKIE;
    ours += otherSetCookies(fields, cookie.name);
  }
  if (cookie.setCookie !== undefined) {
    notCopied |= CACHE_CONTROL;
    const cacheControl = privateCacheControl(joined(fields, FieldKind.cacheControl));
    ours += fieldLine('Set-Cookie', cookie.setCookie) + fieldLine('Cache-Control', cacheControl);
  }
  return fields.copy(notCopied) + ours + viaLine(fields);
}

function setsCookie(fields: FieldSection, name: string): boolean {
  let index = fields.indexOf(FieldKind.setCookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.setCookie, index + 1)) {
    if (isAbout(fields.value(index), name)) return true;
  }
  return false;
}

function otherSetCookies(fields: FieldSection, name: string): string {
  let lines = '';
  let index = fields.indexOf(FieldKind.setCookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.setCookie, index + 1)) {
    const value = fields.value(index);
    if (!isAbout(value, name)) lines += `${fields.name(index)}: ${value}\r\n`;
  }
  return lines;
}

/** Whether a `Set-Cookie` value is about the cookie of that name. */
const isAbout = (value: string, name: string): boolean =>
  value.startsWith(name) && value.slice(name.length).trimStart().startsWith('=');

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
