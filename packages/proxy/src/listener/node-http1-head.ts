import type { IncomingMessage } from 'node:http';
import { HEAD_END, type RejectionReason, RequestHeadParser } from '../codec/index.ts';
import type { RequestHead } from '../exchange/exchange.ts';

/**
 * Node has read the head already; the codec reads it once more, because one reader decides for all servers.
 *
 * @returns the head, or the rule that it breaks although Node lets it pass
 */
export function readHttp1Head({
  method,
  url,
  httpVersion,
  rawHeaders,
}: IncomingMessage): RequestHead | RejectionReason {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2)
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  const head = new RequestHeadParser();
  const bytes = Buffer.from(text + HEAD_END, 'latin1');
  const state = head.feed(bytes, 0, bytes.length);
  return state === 'complete' ? head : (head.rejection ?? 'fields-too-large');
}
