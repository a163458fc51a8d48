import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { file } from './file-behaviour.ts';
import { numberedPieces } from './numbered-pieces.ts';

/** How an endpoint of a test answers, by the path of the request; parameters come in the query. */
export type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
) => void | Promise<void>;

/** What `/echo` says of the request as it arrived at the endpoint. */
export interface Echo {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, as received. */
  readonly headers: readonly string[];
  readonly trailers: readonly string[];
  readonly bodyLength: number;
  readonly bodySha256: string;
}

const CHUNK = Buffer.alloc(64 * 1024, 'x');

const numberOf = (parameters: URLSearchParams, name: string, otherwise: number): number =>
  Number(parameters.get(name) ?? otherwise);

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256');
  let bodyLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bodyLength += chunk.length;
  }
  const answer: Echo = {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.rawHeaders,
    trailers: request.rawTrailers,
    bodyLength,
    bodySha256: hash.digest('hex'),
  };
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(answer));
}

/** `?ms=` waits before it answers. */
async function slow(
  _request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): Promise<void> {
  await pause(numberOf(parameters, 'ms', 1_000));
  response.end('slow\n');
}

/** `?count=` bytes in such pieces; `&framing=chunked` without telling how many. */
const sending =
  (pieces: (count: number) => Iterable<Buffer>): Behaviour =>
  async (_request, response, parameters) => {
    const count = numberOf(parameters, 'count', 1024);
    if (parameters.get('framing') !== 'chunked') response.setHeader('Content-Length', count);
    await pipeline(pieces(count), response);
  };

function* piecesOf(count: number): Generator<Buffer> {
  for (let sent = 0; sent < count; sent += CHUNK.length) {
    const piece = CHUNK.subarray(0, Math.min(CHUNK.length, count - sent));
    progress.bytesSent += piece.length;
    yield piece;
  }
}

/** `?status=`, and every `&header=name:value`; the body is the parameter `body`. */
function respond(_request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams): void {
  const headers = parameters.getAll('header').flatMap((header) => {
    const colon = header.indexOf(':');
    return [header.slice(0, colon), header.slice(colon + 1).trim()];
  });
  const body = parameters.get('body') ?? '';
  response.writeHead(numberOf(parameters, 'status', 200), [...headers, 'Date', new Date(0).toUTCString()]);
  response.end(body);
}

/** Ends the connection by a reset, before any byte of a response; with `?only=` at the endpoints of those ids alone. */
function reset(request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams): void {
  const only = parameters.get('only');
  if (only === null || only.split(',').includes(String(response.getHeader('X-Served-By'))))
    request.socket.resetAndDestroy();
  else response.end('spared\n');
}

/** Half of an answer, and then nothing for good. */
function stall(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Length', 2 * CHUNK.length).write(CHUNK);
}

/** Half of an answer; `?framing=chunked` without the last chunk, else fewer bytes than announced. */
function truncate(_request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams): void {
  if (parameters.get('framing') !== 'chunked') response.setHeader('Content-Length', 2 * CHUNK.length);
  response.write(CHUNK, () => response.socket?.end());
}

function trailers(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Trailer', 'X-Checksum');
  response.write('body\n');
  response.addTrailers({ 'X-Checksum': 'abc' });
  response.end();
}

function earlyHints(_request: IncomingMessage, response: ServerResponse): void {
  response.writeEarlyHints({ link: '</style.css>; rel=preload' });
  response.end('hinted\n');
}

/** Answers before the body has come, and reads none of it. */
function early(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(401, { Connection: 'close' }).end('early\n');
}

/** What large bodies have come to in this life of the process, for tests that look at how far they were let through. */
export const progress = { bytesSent: 0, openGate: (): void => {} };

/** Reads nothing of the body until the gate is opened, then all of it, and answers how much that was. */
async function gate(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    progress.openGate = resolve;
  });
  let received = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) received += chunk.length;
  response.end(String(received));
}

/** `?text=` written to the connection as it is, and nothing after it. */
function raw(request: IncomingMessage, _response: ServerResponse, parameters: URLSearchParams): void {
  request.socket.end(parameters.get('text') ?? '');
}

/** Never answers. */
const hang: Behaviour = () => {};

export const behaviours: Readonly<Record<string, Behaviour>> = {
  '/bytes': sending(piecesOf),
  '/early': early,
  '/early-hints': earlyHints,
  '/echo': echo,
  '/file': file,
  '/gate': gate,
  '/hang': hang,
  '/numbered': sending(numberedPieces),
  '/raw': raw,
  '/reset': reset,
  '/respond': respond,
  '/slow': slow,
  '/stall': stall,
  '/trailers': trailers,
  '/truncate': truncate,
};
