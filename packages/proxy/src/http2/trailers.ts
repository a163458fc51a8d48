import { HEAD_END, TrailerParser } from '../codec/index.ts';
import { linesOf } from './fields.ts';

/**
 * Trailers that came over HTTP/2, by the rules that they have in HTTP/1.1: what must not be sent after a body is left out.
 *
 * @param list name, value, name, value
 * @returns the same; undefined if they are malformed or too many
 */
export function readTrailers(list: readonly string[]): string[] | undefined {
  const lines = linesOf(list);
  if (lines === undefined) return undefined;
  const parser = new TrailerParser();
  const bytes = Buffer.from(lines + HEAD_END, 'latin1');
  return parser.feed(bytes, 0, bytes.length) === 'complete' ? parser.trailers() : undefined;
}
