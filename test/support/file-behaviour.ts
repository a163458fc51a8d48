import type { IncomingMessage, ServerResponse } from 'node:http';
import { numberedPieces } from './numbered-pieces.ts';

const RANGE = /^bytes=(\d+)-(\d*)$/;

/** `?count=` bytes as a file, of which a part may be asked for by one range (RFC 9110 section 14). */
export function file(
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): void {
  const whole = fileOf(Number(parameters.get('count') ?? 1024));
  response.setHeader('Accept-Ranges', 'bytes').setHeader('ETag', '"file"');
  const [, first, last] = RANGE.exec(headers.range ?? '') ?? [];
  if (first === undefined) {
    response.setHeader('Content-Length', whole.length).end(method === 'HEAD' ? undefined : whole);
    return;
  }
  const from = Number(first);
  if (from >= whole.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${whole.length}` }).end();
    return;
  }
  const to = Math.min(last ? Number(last) : whole.length - 1, whole.length - 1);
  response.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${whole.length}` });
  response.end(whole.subarray(from, to + 1));
}

/** What such a file holds. */
export const fileOf = (count: number): Buffer => Buffer.concat([...numberedPieces(count)]);
