import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestHeadParser } from '../codec/index.ts';
import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import { Peer } from '../exchange/peer.ts';

/** An exchange on Node's own HTTP server, as @hono/node-server hands it out. */
export class NodeExchange implements Exchange {
  readonly request: RequestHead;
  readonly peer: Peer;
  readonly hasBody: boolean;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #isLeaving: boolean;
  #events: ExchangeEvents | undefined;
  #isReading = false;
  #isReady = true;

  /** @param isLeaving whether the client is asked to use another connection for its next request */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse, isLeaving: boolean) {
    const { socket } = incoming;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#isLeaving = isLeaving;
    this.request = readAgain(incoming);
    this.hasBody = this.request.isChunked || this.request.contentLength >= 0;
    this.peer = new Peer(socket.remoteAddress ?? '', socket.localPort ?? 0, 'encrypted' in socket);
  }

  listen(events: ExchangeEvents): void {
    this.#events = events;
    this.#outgoing.on('close', () => {
      if (!this.#outgoing.writableFinished) events.onClientGone();
    });
    this.#outgoing.on('drain', () => {
      this.#isReady = true;
      events.onResponseDrain();
    });
  }

  resumeRequest(): void {
    if (!this.hasBody) return;
    if (this.#isReading) {
      this.#incoming.resume();
      return;
    }
    this.#isReading = true;
    this.#incoming.on('data', (chunk: Buffer) => this.#events?.onRequestBody(chunk));
    this.#incoming.on('end', () => this.#events?.onRequestEnd(this.#incoming.rawTrailers));
  }

  pauseRequest(): void {
    this.#incoming.pause();
  }

  inform(status: number, _reason: string, lines: string): void {
    if (status === 103) this.#outgoing.writeEarlyHints(recordOf(lines));
  }

  respond({ status, reason, lines, contentLength }: ResponseHead): void {
    const fields = listOf(lines);
    if (contentLength >= 0 && status !== 204) fields.push('Content-Length', String(contentLength));
    // The rest of a body that nobody has asked for is not worth receiving.
    if (this.#isLeaving || (this.hasBody && !this.#incoming.complete)) fields.push('Connection', 'close');
    this.#outgoing.writeHead(status, reason, fields);
  }

  /** Upgrades are for the wire: Node hands them to a listener of their own, before any app sees them. */
  switchProtocols(): void {
    this.abort();
  }

  write(chunk: Buffer): void {
    // Node may keep the piece for longer than it is good.
    this.#isReady = this.#outgoing.write(Buffer.from(chunk));
  }

  flush(): boolean {
    this.#outgoing.flushHeaders();
    return this.#isReady;
  }

  end(trailers: readonly string[]): void {
    if (trailers.length > 0) this.#outgoing.addTrailers(pairsOf(trailers));
    this.#outgoing.end();
  }

  abort(): void {
    this.#outgoing.destroy();
  }
}

/** Node has read the head already; the codec reads it once more, because one reader decides for all servers. */
function readAgain(incoming: IncomingMessage): RequestHead {
  const { method, url, httpVersion, rawHeaders } = incoming;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2)
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  const head = new RequestHeadParser();
  const bytes = Buffer.from(`${text}\r\n`, 'latin1');
  if (head.feed(bytes, 0, bytes.length) !== 'complete') throw new MalformedRequest(String(head.rejection));
  return head;
}

/** A request that Node lets pass and the codec does not. */
export class MalformedRequest extends Error {}

/** Field lines as a list of name, value, name, value. */
function listOf(lines: string): string[] {
  const list: string[] = [];
  for (const line of lines.split('\r\n')) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    list.push(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return list;
}

const pairsOf = (list: readonly string[]): [string, string][] =>
  Array.from({ length: list.length / 2 }, (_, index) => [
    list[index * 2] as string,
    list[index * 2 + 1] as string,
  ]);

/** Field lines as an object of lists, which is what Node wants for early hints. */
function recordOf(lines: string): Record<string, string[]> {
  const record: Record<string, string[]> = {};
  for (const [name, value] of pairsOf(listOf(lines))) {
    const key = name.toLowerCase();
    record[key] = [...(record[key] ?? []), value];
  }
  return record;
}
