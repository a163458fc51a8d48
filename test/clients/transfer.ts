import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { sleep, systemClock } from '@holdfast/shared';
import { readEcho } from '../support/echo.ts';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { numberedPieces } from '../support/numbered-pieces.ts';

/** A body as it came out at the other end. */
export interface Arrival {
  readonly length: number;
  readonly sha256: string;
}

/** How the end of a body is told. */
export type Framing = 'length' | 'chunked';

/** What a body of `numberedPieces` looks like if it arrives as it was sent. */
export function arrivalOf(count: number): Arrival {
  const hash = createHash('sha256');
  for (const piece of numberedPieces(count)) hash.update(piece);
  return { length: count, sha256: hash.digest('hex') };
}

/** How a client takes its time: for how long, and after how many bytes each time. */
export interface Pauses {
  readonly pauseMs: number;
  readonly everyBytes: number;
}

/** Downloads `numberedPieces` from an endpoint by way of a node. */
export async function download(
  origin: string,
  count: number,
  framing: Framing,
  { pauseMs, everyBytes }: Pauses = { pauseMs: 0, everyBytes: Number.POSITIVE_INFINITY },
): Promise<Arrival> {
  const asked = request(`${origin}/numbered?count=${count}&framing=${framing}`, { agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const hash = createHash('sha256');
  let [length, unpaused] = [0, 0];
  for await (const piece of response as AsyncIterable<Buffer>) {
    hash.update(piece);
    length += piece.length;
    unpaused += piece.length;
    if (unpaused < everyBytes) continue;
    unpaused = 0;
    await sleep(systemClock, pauseMs);
  }
  return { length, sha256: hash.digest('hex') };
}

/** Uploads `numberedPieces` to an endpoint by way of a node, and answers with what the endpoint says of it. */
export async function upload(origin: string, count: number, framing: Framing): Promise<Arrival> {
  const headers = framing === 'length' ? { 'Content-Length': count } : {};
  const sent = request(`${origin}/echo`, { method: 'PUT', headers, agent: false });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  await pipeline(numberedPieces(count), sent);
  const [response] = await answered;
  const { bodyLength, bodySha256 } = await echoOf(response);
  return { length: bodyLength, sha256: bodySha256 };
}

async function echoOf(response: IncomingMessage): Promise<Echo> {
  let body = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) body += piece;
  return readEcho({ body });
}
