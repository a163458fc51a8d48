import { ResponseHeadParser } from '../codec/index.ts';

/** The head of a response with these fields, as the codec reads it. */
export function responseHeadOf(fields: readonly string[], startLine = 'HTTP/1.1 200 OK'): ResponseHeadParser {
  let text = `${startLine}\r\n`;
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return readHead(text);
}

/** Field lines as name, value, name, value. Throws where they are not what a strict reader takes for field lines. */
export const fieldsOf = (lines: string): readonly string[] =>
  readHead(`HTTP/1.1 200 OK\r\n${lines}`).fields.toList();

function readHead(text: string): ResponseHeadParser {
  const bytes = Buffer.from(`${text}\r\n`, 'latin1');
  const head = new ResponseHeadParser();
  if (head.feed(bytes, 0, bytes.length) !== 'complete' || head.next !== bytes.length)
    throw new TypeError(`no valid head: ${head.rejection}`);
  return head;
}

/** All values of a field in a list of name, value, name, value; the name in lower case. */
export const valuesOf = (fields: readonly string[], name: string): readonly string[] =>
  fields.filter((_, index) => index % 2 === 1 && fields[index - 1]?.toLowerCase() === name);

/** The names of all fields of such a list, in lower case. */
export const namesOf = (fields: readonly string[]): readonly string[] =>
  fields.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
