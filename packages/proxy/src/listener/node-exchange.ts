import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import { listOf, pairsOf, recordOf } from '../exchange/field-lines.ts';
import { Peer } from '../exchange/peer.ts';
import { keepPiece } from '../socket/direct-read.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';

/** What an exchange needs of the connection that it came on. */
export interface NodeExchangeHost {
  readonly peer: Peer;
  /** Whether the client is asked to use another connection for its next request. */
  readonly isLeaving: boolean;
}

/** An exchange on Node's own HTTP/1.1 server. */
export class NodeExchange implements Exchange {
  readonly request: RequestHead;
  readonly hasBody: boolean;
  trace: RequestTrace | undefined = undefined;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #host: NodeExchangeHost;
  #events: ExchangeEvents | undefined;
  /** Whether the response is complete, or broken off. */
  #isAnswered = false;
  #isReading = false;
  #isReady = true;

  /** @param host default: a connection that is known by its socket alone */
  constructor(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    request: RequestHead,
    host: NodeExchangeHost = { peer: peerOf(incoming.socket), isLeaving: false },
  ) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#host = host;
    this.request = request;
    this.hasBody = request.isChunked || request.contentLength >= 0;
  }

  get peer(): Peer {
    return this.#host.peer;
  }

  listen(events: ExchangeEvents): void {
    this.#events = events;
    this.#outgoing.on('close', () => this.clientGone());
    this.#outgoing.on('drain', () => {
      this.#isReady = true;
      if (!this.#isAnswered) events.onResponseDrain();
    });
  }

  /** Nobody waits for the rest of the response any more. */
  clientGone(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#events?.onClientGone();
  }

  resumeRequest(): void {
    if (!this.hasBody) return;
    if (this.#isReading) {
      this.#incoming.resume();
      return;
    }
    this.#isReading = true;
    this.#incoming.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#incoming.on('end', () => this.#ended());
  }

  pauseRequest(): void {
    this.#incoming.pause();
  }

  inform(status: number, _reason: string, lines: string): void {
    if (status === 103) this.#outgoing.writeEarlyHints(recordOf(listOf(lines)));
  }

  respond({ status, reason, lines, contentLength }: ResponseHead): void {
    const fields = listOf(lines);
    if (contentLength >= 0 && status !== 204) fields.push('Content-Length', String(contentLength));
    // The rest of a body that nobody has asked for is not worth receiving.
    if (this.#host.isLeaving || (this.hasBody && !this.#incoming.complete))
      fields.push('Connection', 'close');
    this.#outgoing.writeHead(status, reason, fields);
  }

  /** Upgrades are for the wire: Node hands them to a listener of their own, before any app sees them. */
  switchProtocols(): void {
    this.abort();
  }

  write(chunk: Buffer): void {
    this.#isReady = this.#outgoing.write(keepPiece(chunk));
  }

  flush(): boolean {
    this.#outgoing.flushHeaders();
    return this.#isReady;
  }

  end(trailers: readonly string[]): void {
    this.#isAnswered = true;
    if (trailers.length > 0) this.#outgoing.addTrailers(pairsOf(trailers));
    this.#outgoing.end();
    // What still comes of the request is thrown away, so that its client reads the response.
    this.#incoming.resume();
  }

  abort(): void {
    this.#isAnswered = true;
    this.#outgoing.destroy();
  }

  #received(chunk: Buffer): void {
    if (this.#isAnswered) return;
    this.#events?.onRequestBody(chunk);
    this.#events?.onRequestFlush();
  }

  #ended(): void {
    if (!this.#isAnswered) this.#events?.onRequestEnd(this.#incoming.rawTrailers);
  }
}

const peerOf = (socket: Socket): Peer =>
  new Peer(socket.remoteAddress ?? '', socket.localPort ?? 0, 'encrypted' in socket);
