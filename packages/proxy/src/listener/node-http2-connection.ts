import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Ticker } from '@holdfast/shared';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { CONNECTION_WINDOW_BYTES } from '../http2/limits.ts';
import { type Refusal, refusalOf } from '../wire/refusal.ts';
import { NodeHttp2Exchange } from './node-http2-exchange.ts';
import { Http2RequestHead, readRequestHead } from './node-http2-head.ts';

const { NGHTTP2_NO_ERROR } = constants;
const NEVER = Number.POSITIVE_INFINITY;
/** "Whatever you have sent is served, send no more": the last stream that there can be (RFC 9113 section 6.8). */
const LAST_STREAM_ID = 2 ** 31 - 1;

/** What a connection needs of the listener that accepted it. */
export interface Http2Host {
  readonly ticker: Ticker;
  /** From the connection's start until its first request. */
  readonly headerTimeoutMs: number;
  /** Without a request. */
  readonly idleTimeoutMs: number;
  readonly stallTimeoutMs: number;
  /** Whether clients are asked to use another connection for their next request. */
  readonly isLeaving: boolean;
  /** Takes a request over. */
  handle(exchange: Exchange): void;
  /** A request was refused before it was handed over. Answers with the id that the refusal carries. */
  refused(refusal: Refusal, peer: Peer): string;
}

/** One connection of a client that speaks HTTP/2: every request on it is an exchange, side by side with the others. */
export class NodeHttp2Connection {
  readonly peer: Peer;
  readonly ticker: Ticker;
  readonly #host: Http2Host;
  readonly #session: ServerHttp2Session;
  readonly #exchanges = new Set<NodeHttp2Exchange>();
  #deadlineTick: number;
  #hasServed = false;
  #hasSaidLeave = false;

  constructor(session: ServerHttp2Session, peer: Peer, host: Http2Host) {
    this.#session = session;
    this.#host = host;
    this.peer = peer;
    this.ticker = host.ticker;
    this.#deadlineTick = host.ticker.deadline(host.headerTimeoutMs);
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.on('stream', (stream, _fields, _flags, list) => this.#opened(stream, list));
    // What a client breaks ends its connection; there is nobody to tell.
    session.on('error', () => session.destroy());
  }

  get stallTimeoutMs(): number {
    return this.#host.stallTimeoutMs;
  }

  /** Looks at its own deadline and at those of its requests. */
  tick(now: number): void {
    for (const exchange of this.#exchanges) if (now >= exchange.deadlineTick) exchange.expire();
    if (now >= this.#deadlineTick) this.#session.close();
  }

  /** Asks the client to use another connection for its next request; those that are on their way are served. */
  leave(): void {
    // A client that has sent nothing yet would find no connection at all on which it may.
    if (this.#hasSaidLeave || !this.#hasServed) return;
    this.#hasSaidLeave = true;
    this.#session.goaway(NGHTTP2_NO_ERROR, LAST_STREAM_ID);
  }

  /** Ends the connection as soon as no request is on it, and takes no more. */
  finish(): void {
    this.#session.close();
  }

  /** Tells the exchanges that are on the connection that the client is gone. */
  ended(): void {
    for (const exchange of this.#exchanges) exchange.clientGone();
  }

  released(exchange: NodeHttp2Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size > 0) return;
    this.#deadlineTick = this.ticker.deadline(this.#host.idleTimeoutMs);
  }

  #opened(stream: ServerHttp2Stream, list: readonly string[]): void {
    stream.on('error', () => stream.destroy());
    this.#deadlineTick = NEVER;
    this.#hasServed = true;
    const hasBody = !stream.endAfterHeaders;
    const head = readRequestHead(list, hasBody);
    const isLawful = head instanceof Http2RequestHead;
    const request = isLawful ? head : new Http2RequestHead();
    const exchange = new NodeHttp2Exchange(stream, request, hasBody, this);
    this.#exchanges.add(exchange);
    if (this.#host.isLeaving) this.leave();
    if (isLawful) this.#handOver(exchange);
    else exchange.refuse(head, this.#host.refused(refusalOf(head), this.peer));
  }

  /** A fault in handling one request must not reach the others. */
  #handOver(exchange: NodeHttp2Exchange): void {
    try {
      this.#host.handle(exchange);
    } catch {
      exchange.refuse('internal', this.#host.refused(refusalOf('internal'), this.peer));
    }
  }
}
