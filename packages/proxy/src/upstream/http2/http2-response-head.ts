import { STATUS_CODES } from 'node:http';
import { HEAD_END, type ResponseHeadParser, statusLine } from '../../codec/index.ts';
import { linesOf } from '../../http2/fields.ts';

const STATUS = /^[1-5]\d\d$/;

/**
 * Reads the head of a response that came over HTTP/2 as the text that it would be in HTTP/1.1: one reader decides for
 * all, and a head that HTTP/1.1 could not carry reaches no client.
 *
 * @param list name, value, name, value, the pseudo field first
 * @returns nothing if `head` has read it, else what is wrong
 */
export function readResponseHead(
  head: ResponseHeadParser,
  list: readonly string[],
): { readonly fault: string } | undefined {
  const [pseudo, status = '', ...fields] = list;
  const lines = linesOf(fields);
  if (pseudo !== ':status' || !STATUS.test(status)) return { fault: 'bad-status' };
  if (lines === undefined) return { fault: 'bad-field' };
  const text = statusLine(Number(status), STATUS_CODES[status] ?? '') + lines + HEAD_END;
  const bytes = Buffer.from(text, 'latin1');
  const state = head.feed(bytes, 0, bytes.length);
  return state === 'complete' ? undefined : { fault: `${head.rejection ?? 'bad-field'}` };
}
