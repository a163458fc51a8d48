import { systemClock } from '@holdfast/shared';
import { BodyDecoder } from './body-decoder.ts';
import { fieldSet } from './field-kind.ts';
import { defaultHeadLimits } from './limits.ts';
import { HEAD_END, requestHead, requestLine, statusLine, trustedFieldLines } from './message-writer.ts';
import { RequestHeadParser } from './request-head.ts';
import { ResponseHeadParser } from './response-head.ts';

/**
 * What a message costs, in nanoseconds: run it with `node codec.bench.ts`. The lowest of many short rounds is
 * printed, since whatever else the machine does can only add to it, and the cases take turns so that it adds to all alike.
 * Each case reads from several buffers, as a proxy does: the compiler would know a single one by heart.
 */

const REQUEST = `GET /api/v1/products/search?q=running+shoes&page=2&sort=price HTTP/1.1
Host: shop.example.com
Connection: keep-alive
Cache-Control: max-age=0
sec-ch-ua: "Chromium";v="128", "Not;A=Brand";v="24", "Google Chrome";v="128"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Sec-Fetch-Site: same-origin
Referer: https://shop.example.com/products
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9
Cookie: _srv_id=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4; theme=dark; csrftoken=abcdefghijklmnopqrstuvwxyz012345

`.replaceAll('\n', '\r\n');

const RESPONSE = `HTTP/1.1 200 OK
Date: Sat, 21 Nov 2026 08:00:00 GMT
Content-Type: text/html; charset=utf-8
Content-Length: 1024
Connection: keep-alive
Keep-Alive: timeout=5
Cache-Control: no-cache
ETag: W/"abc-123456"
X-Powered-By: Express

`.replaceAll('\n', '\r\n');

const CHUNKS = `${`400\r\n${'x'.repeat(1_024)}\r\n`.repeat(4)}0\r\n\r\n`;

const HOP_BY_HOP = fieldSet(
  'alias',
  'nominated',
  'connection',
  'keepAlive',
  'te',
  'transferEncoding',
  'upgrade',
  'via',
);
const BUFFERS = 8;
const BUFFER_BYTES = 65_536;
const ROUNDS = 400;
const CALLS = 500;

interface Case {
  readonly name: string;
  readonly run: (piece: Buffer) => unknown;
  readonly pieces: readonly Buffer[];
  readonly length: number;
}

function piecesOf(text: string): Buffer[] {
  return Array.from({ length: BUFFERS }, () => {
    const piece = Buffer.alloc(BUFFER_BYTES);
    piece.write(text, 'latin1');
    return piece;
  });
}

function requestCases(): Case[] {
  const length = REQUEST.length;
  const pieces = piecesOf(REQUEST);
  const head = new RequestHeadParser();
  head.feed(pieces[0]!, 0, length);
  const list = head.fields.toList();
  const copy = (): string => requestLine(head.method, head.target) + head.fields.copy(HOP_BY_HOP) + HEAD_END;
  const read = (piece: Buffer): unknown => head.feed(piece, 0, length);
  const cases: Record<string, (piece: Buffer) => unknown> = {
    'request head: read': read,
    'request head: read, list fields': (piece) => [read(piece), head.fields.toList()],
    'request head: read, copy fields': (piece) => [read(piece), copy()],
    'request head: write from a list': () => Buffer.from(requestHead('GET', '/', list), 'latin1'),
    'request head: write a trusted list': () => Buffer.from(trustedFieldLines(list), 'latin1'),
    'request head: write from a copy': () => Buffer.from(copy(), 'latin1'),
  };
  return Object.entries(cases).map(([name, run]) => ({ name, run, pieces, length }));
}

function responseCases(): Case[] {
  const length = RESPONSE.length;
  const pieces = piecesOf(RESPONSE);
  const head = new ResponseHeadParser();
  const read = (piece: Buffer): unknown => head.feed(piece, 0, length);
  const copy = (): string => statusLine(head.status, head.reason) + head.fields.copy(HOP_BY_HOP) + HEAD_END;
  return [
    { name: 'response head: read', run: read, pieces, length },
    { name: 'response head: read, copy fields', run: (piece) => [read(piece), copy()], pieces, length },
  ];
}

function bodyCase(): Case {
  const decoder = new BodyDecoder(defaultHeadLimits);
  const run = (piece: Buffer): number => {
    decoder.begin('chunked', -1);
    let bytes = 0;
    for (let at = 0; decoder.step(piece, at, CHUNKS.length) === 'data'; at = decoder.next) {
      bytes += decoder.dataEnd - decoder.dataStart;
    }
    return bytes;
  };
  return { name: 'chunked body: read 4 chunks', run, pieces: piecesOf(CHUNKS), length: CHUNKS.length };
}

function lowestNs(cases: readonly Case[]): number[] {
  const lowest = cases.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { run, pieces }] of cases.entries()) {
      const startMs = systemClock.elapsed();
      for (let call = 0; call < CALLS; call++) run(pieces[call % BUFFERS]!);
      lowest[index] = Math.min(lowest[index]!, ((systemClock.elapsed() - startMs) * 1e6) / CALLS);
    }
  }
  return lowest;
}

const cases = [...requestCases(), ...responseCases(), bodyCase()];
const results = lowestNs(cases);
for (const [index, { name, length }] of cases.entries()) {
  process.stdout.write(
    `${name.padEnd(36)} ${results[index]!.toFixed(0).padStart(6)} ns  (${length} bytes)\n`,
  );
}
