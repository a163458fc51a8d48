import { CHUNK_END, chunkStart, FieldKind, HEAD_END, lastChunk, statusLine } from '../codec/index.ts';
import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { Outgoing } from '../socket/outgoing.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import type { WireConnection } from './wire-connection.ts';

/** How the response body is delimited. */
type ResponseFraming = 'none' | 'length' | 'chunked' | 'until-close';

/** One request on a wire connection, and its answer. */
export class WireExchange implements Exchange {
  readonly request: RequestHead;
  readonly hasBody: boolean;
  trace: RequestTrace | undefined = undefined;
  events: ExchangeEvents | undefined = undefined;
  /** Whether the request has arrived to its end. */
  isReceived: boolean;
  /** Whether the response is complete, or broken off. */
  isAnswered = false;
  /** Whether a response has begun. */
  hasResponded = false;

  readonly #connection: WireConnection;
  readonly #outgoing: Outgoing;
  #framing: ResponseFraming = 'none';
  /** Whether the connection goes on after this exchange, as far as either side has said. */
  #isPersistent: boolean;

  constructor(connection: WireConnection, request: RequestHead, hasBody: boolean) {
    this.#connection = connection;
    this.#outgoing = connection.outgoing;
    this.request = request;
    this.hasBody = hasBody;
    this.isReceived = !hasBody;
    this.#isPersistent = request.isPersistent;
  }

  get peer(): Peer {
    return this.#connection.peer;
  }

  listen(events: ExchangeEvents): void {
    this.events = events;
  }

  resumeRequest(): void {
    if (this.isReceived) return;
    this.#connection.resumeBody(this.request.expectsContinue && !this.hasResponded);
  }

  pauseRequest(): void {
    this.#connection.pauseBody();
  }

  inform(status: number, reason: string, lines: string): void {
    if (this.request.minorVersion === 0 || this.hasResponded) return;
    this.#outgoing.addText(statusLine(status, reason) + lines + HEAD_END);
    this.#outgoing.send();
  }

  respond({ status, reason, lines, contentLength }: ResponseHead): void {
    this.hasResponded = true;
    this.#framing = this.#framingOf(status, contentLength);
    // A request that has not arrived by now is not waited for: the client is told before it sends another one.
    const goesOn = this.#framing !== 'until-close' && this.isReceived && !this.#connection.isLeaving;
    if (!goesOn) this.#isPersistent = false;
    const head = statusLine(status, reason) + lines + this.#framingLine(status, contentLength);
    this.#outgoing.addText(head + this.#connectionLine() + HEAD_END);
  }

  switchProtocols(reason: string, lines: string): void {
    this.hasResponded = true;
    this.#framing = 'until-close';
    this.#isPersistent = false;
    this.isReceived = false;
    this.#outgoing.addText(statusLine(101, reason) + lines + HEAD_END);
    this.#outgoing.send();
    const protocol = this.request.fields.indexOf(FieldKind.upgrade);
    this.#connection.beginTunnel(this.request.fields.value(protocol).toLowerCase() === 'websocket');
  }

  write(chunk: Buffer): void {
    if (this.#framing === 'none' || this.isAnswered) return;
    if (this.#framing === 'chunked') this.#outgoing.addText(chunkStart(chunk.length));
    this.#outgoing.addBytes(chunk);
    if (this.#framing === 'chunked') this.#outgoing.addText(CHUNK_END);
  }

  flush(): boolean {
    return this.isAnswered || this.#outgoing.send();
  }

  end(trailers: readonly string[]): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    if (this.#framing === 'chunked') this.#outgoing.addText(lastChunk(trailers));
    this.#outgoing.send();
    this.#connection.answered(this.#isPersistent);
  }

  abort(): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.#connection.reset();
  }

  /** RFC 9112 section 6.3. What an HTTP/1.0 client cannot be told the length of ends with the connection. */
  #framingOf(status: number, contentLength: number): ResponseFraming {
    if (this.request.method === 'HEAD' || status === 204 || status === 304) return 'none';
    if (contentLength >= 0) return 'length';
    return this.request.minorVersion === 1 ? 'chunked' : 'until-close';
  }

  #framingLine(status: number, contentLength: number): string {
    if (contentLength >= 0) return status === 204 ? '' : `Content-Length: ${contentLength}\r\n`;
    return this.#framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
  }

  #connectionLine(): string {
    if (!this.#isPersistent) return 'Connection: close\r\n';
    return this.request.minorVersion === 0 ? 'Connection: keep-alive\r\n' : '';
  }
}
