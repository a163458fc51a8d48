import { RequestHeadParser } from '../codec/index.ts';

/** The head of a request with these fields, as the codec reads it. */
export function requestHeadOf(fields: readonly string[], startLine = 'GET / HTTP/1.1'): RequestHeadParser {
  let text = `${startLine}\r\n`;
  if (!fields.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host'))
    text += 'Host: test.example\r\n';
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return readRequestHead(`${text}\r\n`);
}

/** The head that the text is, from the request line to the empty line. Throws where a strict reader would not take it. */
export function readRequestHead(text: string): RequestHeadParser {
  const bytes = Buffer.from(text, 'latin1');
  const head = new RequestHeadParser();
  if (head.feed(bytes, 0, bytes.length) !== 'complete' || head.next !== bytes.length)
    throw new TypeError(`no valid head: ${head.rejection}`);
  return head;
}
