import {
  FieldKind,
  type FieldSection,
  type FieldSet,
  fieldLine,
  fieldSet,
  HEAD_END,
  requestLine,
} from '../codec/index.ts';
import type { RequestHead } from '../exchange/exchange.ts';
import { joined } from './forwarded-lines.ts';
import { viaLine } from './via.ts';

/**
 * Request fields that are not passed on as they are: hop-by-hop ones and those that `Connection` nominates (RFC 9110
 * section 7.6.1), those that say where the body ends, as it is framed anew, and those that only proxies may set.
 */
const NOT_COPIED: FieldSet = fieldSet(
  'alias',
  'nominated',
  'connection',
  'contentLength',
  'expect',
  'forwarded',
  'holdfastSessionMoved',
  'keepAlive',
  'proxyAuthenticate',
  'proxyAuthorization',
  'proxyConnection',
  'te',
  'trailer',
  'transferEncoding',
  'upgrade',
  'via',
  'xForwardedFor',
  'xForwardedHost',
  'xForwardedPort',
  'xForwardedProto',
  'xRealIp',
  'xRequestId',
);
const COOKIE: FieldSet = fieldSet('cookie');
const TRACE_CONTEXT: FieldSet = fieldSet('traceparent', 'tracestate');
const HOST: FieldSet = fieldSet('host');

const UPGRADE_LINE = fieldLine('Connection', 'Upgrade');
const TRAILERS_LINE = fieldLine('TE', 'trailers') + fieldLine('Connection', 'TE');

/** What the proxy adds to a request. */
export interface AddedFields {
  /** Lines of `X-Forwarded-*` and `Forwarded`. */
  readonly forwarded: string;
  readonly requestId: string;
  /** The `Cookie` lines in place of those received; undefined: the same. */
  readonly cookieLines: string | undefined;
  /** Whether each attempt says of its own which trace it belongs to. */
  readonly isTraced: boolean;
}

/**
 * The head of a request for an endpoint, up to but without the empty line, so that {@link finishHead} can add what
 * differs from one attempt to the next. Ours come after all of the client's, which cannot nominate them away.
 */
export function upstreamHeadOf(request: RequestHead, added: AddedFields): string {
  const { fields } = request;
  let lines = requestLine(request.method, request.target);
  let notCopied = NOT_COPIED;
  if (request.isAbsolute) {
    // RFC 9112 section 3.2.2: the host of an absolute target replaces what the Host field says.
    lines += fieldLine('Host', request.host);
    notCopied |= HOST;
  }
  if (added.isTraced) notCopied |= TRACE_CONTEXT;
  const { cookieLines } = added;
  if (cookieLines === undefined) lines += fields.copy(notCopied);
  else lines += fields.copy(notCopied | COOKIE) + cookieLines;
  if (request.contentLength >= 0) lines += `Content-Length: ${request.contentLength}\r\n`;
  else if (request.isChunked) lines += 'Transfer-Encoding: chunked\r\n';
  if (asksForUpgrade(request))
    lines += UPGRADE_LINE + fieldLine('Upgrade', joined(fields, FieldKind.upgrade) ?? '');
  else if (request.acceptsTrailers) lines += TRAILERS_LINE;
  return `${lines}${added.forwarded}${viaLine(fields)}X-Request-Id: ${added.requestId}\r\n`;
}

/**
 * Whether the request asks for another protocol that may be tunnelled. HTTP/2 is not one: in a tunnel its requests would
 * pass by routing and by every rule for headers.
 */
export function asksForUpgrade({ isUpgrade, fields }: RequestHead): boolean {
  return isUpgrade && !/(?:^|[,\s])h2c?(?:$|[,\s])/i.test(joined(fields, FieldKind.upgrade) ?? '');
}

/** A request of HTTP/1.0 may have no host, one of HTTP/1.1 must: then it is the endpoint's own (RFC 9112 section 3.2). */
export const hostLine = (request: RequestHead, origin: string): string =>
  request.host === '' ? fieldLine('Host', new URL(origin).host) : '';

/** Completes a head with lines of its own, or none. */
export const finishHead = (head: string, lines: string): string => head + lines + HEAD_END;

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** The id that a trusted proxy gave the request, if it is one that fits a header and a log line. */
export function givenRequestId(fields: FieldSection): string | undefined {
  const id = fields.indexOf(FieldKind.xRequestId);
  if (id < 0) return undefined;
  const value = fields.value(id);
  return REQUEST_ID.test(value) ? value : undefined;
}
