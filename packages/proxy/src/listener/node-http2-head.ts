import { HEAD_END, type RejectionReason, RequestHeadParser, requestLine } from '../codec/index.ts';
import { linesOf } from '../http2/fields.ts';

/** The head of a request that came over HTTP/2, read as the text that it would be in HTTP/1.1. */
export class Http2RequestHead extends RequestHeadParser {
  override get httpVersion(): string {
    return '2.0';
  }
}

/** What the fields of a request come to before they are lines. */
interface Request {
  method: string;
  path: string;
  /** Of the pseudo field, which counts more than that of the `Host` field. */
  authority: string | undefined;
  host: string | undefined;
  readonly cookies: string[];
  readonly fields: string[];
}

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const PATH = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/;

/**
 * Reads the head of a request (RFC 9113 section 8.3.1). The codec decides what is lawful, as for every request: where
 * HTTP/1.1 could not say the same, the request goes nowhere.
 *
 * @param list name, value, name, value, pseudo fields first
 * @param hasBody whether anything follows the head
 * @returns the head, or the rule that it breaks
 */
export function readRequestHead(
  list: readonly string[],
  hasBody: boolean,
): Http2RequestHead | RejectionReason {
  const request = gather(list);
  const { method, path, authority = request.host, host = authority } = request;
  if (!METHOD.test(method)) return 'bad-method';
  if (method === 'CONNECT') return 'unsupported-method';
  if (!PATH.test(path)) return 'bad-target';
  if (authority !== host) return 'bad-host';
  const lines = linesOf(fieldsOf(request, authority));
  if (lines === undefined) return 'bad-value';
  const length = hasBody && !/^content-length:/m.test(lines) ? 'transfer-encoding: chunked\r\n' : '';
  const head = new Http2RequestHead();
  const bytes = Buffer.from(requestLine(method, path) + lines + length + HEAD_END, 'latin1');
  const state = head.feed(bytes, 0, bytes.length);
  return state === 'complete' ? head : (head.rejection ?? 'fields-too-large');
}

function gather(list: readonly string[]): Request {
  const request: Request = {
    method: '',
    path: '',
    authority: undefined,
    host: undefined,
    cookies: [],
    fields: [],
  };
  for (let index = 0; index + 1 < list.length; index += 2)
    take(request, list[index] as string, list[index + 1] as string);
  return request;
}

function take(request: Request, name: string, value: string): void {
  switch (name) {
    case ':method':
      request.method = value;
      return;
    case ':path':
      request.path = value;
      return;
    case ':authority':
      request.authority = value;
      return;
    case ':scheme':
      return;
    case 'host':
      request.host = value;
      return;
    case 'cookie':
      request.cookies.push(value);
      return;
    default:
      request.fields.push(name, value);
  }
}

/** A cookie field that was cut into crumbs becomes one again (RFC 9113 section 8.2.3). */
function fieldsOf({ fields, cookies }: Request, authority: string | undefined): readonly string[] {
  return [
    ...(authority === undefined ? [] : ['host', authority]),
    ...fields,
    ...(cookies.length === 0 ? [] : ['cookie', cookies.join('; ')]),
  ];
}
