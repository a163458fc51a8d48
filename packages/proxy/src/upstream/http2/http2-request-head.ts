import { listOf } from '../../exchange/field-lines.ts';
import { isOfConnection } from '../../http2/fields.ts';

/**
 * The head of a request in the form of HTTP/2: pseudo fields first, names in lower case, nothing of the connection
 * (RFC 9113 section 8.3.1).
 *
 * @param text a head as {@link UpstreamHead} has it: written by the proxy, and so well-formed
 * @returns name, value, name, value
 */
export function http2RequestHead(text: string): string[] {
  const lineEnd = text.indexOf('\r\n');
  const [method = '', target = ''] = text.slice(0, lineEnd).split(' ', 2);
  const pseudo = [':method', method, ':scheme', 'http', ':path', target];
  const fields: string[] = [];
  const list = listOf(text.slice(lineEnd));
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = (list[index] as string).toLowerCase();
    const value = list[index + 1] as string;
    if (name === 'host') pseudo.push(':authority', value);
    else if (!isOfConnection(name)) fields.push(name, value);
  }
  return [...pseudo, ...fields];
}
