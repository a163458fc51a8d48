import type { Socket } from 'node:net';
import type { Ticker } from '@holdfast/shared';
import {
  BodyDecoder,
  defaultHeadLimits,
  HEAD_END,
  RequestHeadParser,
  requestFraming,
  statusLine,
} from '../codec/index.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { receivePieces } from '../socket/direct-read.ts';
import { Outgoing, type SendingOwner } from '../socket/outgoing.ts';
import { type Refusal, type RefusalReason, refusalOf, refusalResponse } from './refusal.ts';
import { WireExchange } from './wire-exchange.ts';

/** What a connection needs of the listener that accepted it. */
export interface WireHost {
  readonly ticker: Ticker;
  /** From the first byte of a head until it is complete, and from the connection's start until its first byte. */
  readonly headerTimeoutMs: number;
  /** Between two requests. */
  readonly idleTimeoutMs: number;
  /** Between two pieces of a request body that is wanted, or of a response that the client takes. */
  readonly stallTimeoutMs: number;
  /** Whether clients are asked to use another connection for their next request. */
  readonly isLeaving: boolean;
  /** Takes a request over. */
  handle(exchange: Exchange): void;
  /** A request was refused before it was handed over. Answers with the id that the refusal carries. */
  refused(refusal: Refusal, peer: Peer): string;
  /** The connection is gone. */
  removed(connection: WireConnection): void;
}

/**
 * What a connection is doing.
 *
 * - `waiting`: for the first byte of a request
 * - `heading`: part of a head has arrived
 * - `exchanging`: a request is being answered; its body may still be arriving
 * - `tunnelling`: after an upgrade, bytes flow as they are
 * - `lingering`: our end is closed; what still arrives is thrown away, so that a reset does not take the response with it
 */
type Phase = 'waiting' | 'heading' | 'exchanging' | 'tunnelling' | 'lingering';

const NEVER = Number.POSITIVE_INFINITY;
const LINGER_MS = 1_000;
const HALF_CLOSED_MS = 500;
/** A close frame with status 1001 (RFC 6455 sections 5.5.1 and 7.4.1). */
const WEBSOCKET_GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);
const CONTINUE = `${statusLine(100, 'Continue')}${HEAD_END}`;

/** One client connection: reads one request after the other, and has each answered before it reads the next. */
export class WireConnection implements SendingOwner {
  readonly peer: Peer;
  readonly outgoing: Outgoing;
  /** When what it waits for has taken too long, in ticks. */
  deadlineTick: number;

  readonly #host: WireHost;
  readonly #socket: Socket;
  readonly #head = new RequestHeadParser(defaultHeadLimits);
  readonly #body = new BodyDecoder(defaultHeadLimits);
  #phase: Phase = 'waiting';
  #exchange: WireExchange | undefined;
  /** Bytes that have arrived and may not be read yet: a body that is not wanted, or the next request. */
  #held: Buffer | undefined;
  #wantsBody = false;
  #hasContinued = false;
  #isReading = false;
  /** Whether a piece of the body was told that may not have gone out yet. */
  #hasUnflushed = false;
  #isPeerDone = false;
  #isWebSocket = false;
  /** What was waiting to be sent when the deadline was last looked at. */
  #unsentBytes = 0;

  constructor(socket: Socket, peer: Peer, host: WireHost) {
    this.#host = host;
    this.#socket = socket;
    this.outgoing = new Outgoing(socket, this);
    this.peer = peer;
    this.deadlineTick = host.ticker.deadline(host.headerTimeoutMs);
    receivePieces(socket, (piece) => this.#received(piece));
    socket.on('end', () => this.#ended());
    socket.on('drain', () => this.#drained());
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.#closed());
  }

  get isLeaving(): boolean {
    return this.#host.isLeaving;
  }

  /** Whether nothing is under way, so that nothing is lost if it ends now. */
  get isIdle(): boolean {
    return this.#phase === 'waiting' || (this.#phase === 'lingering' && this.#socket.writableFinished);
  }

  onSent(isReady: boolean): void {
    if (this.#isPeerDone && this.#phase === 'exchanging') this.#await(HALF_CLOSED_MS);
    if (isReady) return;
    this.#unsentBytes = this.#socket.writableLength;
    this.#await(this.#host.stallTimeoutMs);
  }

  /** Lets the request body flow. @param isExpected whether the client waits for a 100 before it sends any */
  resumeBody(isExpected: boolean): void {
    this.#wantsBody = true;
    if (isExpected && !this.#hasContinued && this.#held === undefined) {
      this.#hasContinued = true;
      this.outgoing.addText(CONTINUE);
      this.outgoing.send();
    }
    if (this.#phase === 'exchanging') this.#await(this.#host.stallTimeoutMs);
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#readHeld();
  }

  pauseBody(): void {
    this.#wantsBody = false;
    this.#socket.pause();
    this.deadlineTick = NEVER;
  }

  /** After a 101: what the client sends from now on is passed on as it is. */
  beginTunnel(isWebSocket: boolean): void {
    this.#isWebSocket = isWebSocket;
    this.#phase = 'tunnelling';
    this.#body.begin('until-close', -1);
    this.deadlineTick = NEVER;
    this.#wantsBody = true;
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#readHeld();
  }

  /** The response is complete. */
  answered(isPersistent: boolean): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (!isPersistent || exchange?.isReceived !== true || this.#isPeerDone) return this.#linger();
    this.#phase = 'waiting';
    this.#await(this.#host.idleTimeoutMs);
    if (this.#socket.isPaused()) this.#socket.resume();
    // The next request may be there already; reading on at once would let a pipeline of them deepen the stack.
    if (this.#held !== undefined) setImmediate(() => this.#readHeld());
  }

  /** What the connection waits for has taken too long, unless a client that is slow to read has read some more. */
  expire(): void {
    const exchange = this.#exchange;
    const unsentBytes = this.#socket.writableLength;
    if (unsentBytes > 0 && unsentBytes !== this.#unsentBytes) {
      this.#unsentBytes = unsentBytes;
      this.#await(this.#host.stallTimeoutMs);
    } else if (this.#phase === 'heading') this.#refuse('head-timeout');
    else if (exchange !== undefined && !exchange.isReceived && this.#wantsBody)
      this.#breakOff(exchange, 'head-timeout');
    else this.destroy();
  }

  /** Tells the client that the node leaves, where its protocol has a word for it. Answers whether it has. */
  goAway(): boolean {
    const hasWord = this.#phase === 'tunnelling' && this.#isWebSocket;
    if (hasWord) {
      this.outgoing.sendNow();
      this.#socket.end(WEBSOCKET_GOING_AWAY);
    }
    return hasWord;
  }

  /** Ends the connection so that what was sent cannot be taken for all there is. */
  reset(): void {
    this.outgoing.sendNow();
    this.#socket.resetAndDestroy();
  }

  /** Ends the connection, and the exchange on it, now. */
  destroy(): void {
    this.outgoing.sendNow();
    this.#socket.destroy();
    this.#closed();
  }

  #await(durationMs: number): void {
    this.deadlineTick = this.#host.ticker.deadline(durationMs);
  }

  #received(piece: Buffer): void {
    if (this.#phase === 'lingering') return;
    if (this.#held !== undefined) {
      this.#held = Buffer.concat([this.#held, piece]);
      this.#readHeld();
    } else this.#read(piece);
  }

  #readHeld(): void {
    const held = this.#held;
    if (held === undefined || this.#isReading || this.#phase === 'lingering') return;
    this.#held = undefined;
    this.#read(held);
  }

  /** Reads as far as may be read now, and holds the rest. */
  #read(piece: Buffer): void {
    this.#isReading = true;
    let at = 0;
    while (at < piece.length && at >= 0) {
      if (this.#exchange === undefined && this.#phase !== 'lingering') at = this.#readHead(piece, at);
      else if (this.#exchange !== undefined && !this.#exchange.isReceived && this.#wantsBody)
        at = this.#readBody(this.#exchange, piece, at);
      else break;
    }
    if (this.#hasUnflushed) this.#flushBody();
    this.#isReading = false;
    if (at < 0 || at >= piece.length || this.#phase === 'lingering') return;
    this.#held = Buffer.from(piece.subarray(at));
    // Nothing more is taken in than what came with this piece: TCP holds the client back.
    this.#socket.pause();
  }

  /** Answers how far the piece was read, or -1 if nothing more of it may be. */
  #readHead(piece: Buffer, at: number): number {
    const head = this.#head;
    const state = head.feed(piece, at, piece.length);
    if (state === 'partial') {
      if (this.#phase === 'waiting') this.#await(this.#host.headerTimeoutMs);
      this.#phase = 'heading';
      return piece.length;
    }
    if (state === 'rejected') return this.#refuse(head.rejection ?? 'bad-request-line');
    const framing = requestFraming(head);
    this.#body.begin(framing, head.contentLength);
    this.#phase = 'exchanging';
    this.deadlineTick = NEVER;
    this.#wantsBody = false;
    this.#hasContinued = false;
    this.#handOver(new WireExchange(this, head, framing === 'chunked' || head.contentLength > 0));
    return head.next;
  }

  /** A fault in handling one request must not reach the others. */
  #handOver(exchange: WireExchange): void {
    this.#exchange = exchange;
    try {
      this.#host.handle(exchange);
    } catch {
      if (this.#exchange === exchange) this.#breakOff(exchange, 'internal');
    }
  }

  #readBody(exchange: WireExchange, piece: Buffer, start: number): number {
    const body = this.#body;
    const step = body.step(piece, start, piece.length);
    switch (step) {
      case 'data':
        this.#hasUnflushed = true;
        exchange.events?.onRequestBody(piece.subarray(body.dataStart, body.dataEnd));
        return body.next === piece.length ? this.#stepOver(exchange, piece) : body.next;
      case 'more':
        return piece.length;
      case 'end':
        this.#bodyReceived(exchange);
        return body.next;
      case 'rejected':
        this.#breakOff(exchange, body.rejection ?? 'bad-chunk-size');
        return -1;
    }
  }

  /** A body of known length is over with its last byte; there will be no further piece to tell. */
  #stepOver(exchange: WireExchange, piece: Buffer): number {
    if (exchange.isReceived || this.#exchange !== exchange) return piece.length;
    if (this.#body.step(piece, piece.length, piece.length) === 'end') this.#bodyReceived(exchange);
    else if (this.#phase === 'exchanging' && this.#wantsBody) this.#await(this.#host.stallTimeoutMs);
    return piece.length;
  }

  #flushBody(): void {
    this.#hasUnflushed = false;
    this.#exchange?.events?.onRequestFlush();
  }

  #bodyReceived(exchange: WireExchange): void {
    exchange.isReceived = true;
    this.#hasUnflushed = false;
    if (this.#phase === 'exchanging') this.deadlineTick = NEVER;
    exchange.events?.onRequestEnd(this.#body.trailers);
  }

  /** A body that breaks the rules ends its request: the endpoint must not take it for complete. */
  #breakOff(exchange: WireExchange, reason: RefusalReason): void {
    const refusal = refusalOf(reason);
    exchange.isAnswered = true;
    this.#exchange = undefined;
    const requestId = exchange.events?.onRequestBroken(refusal.code, refusal.status);
    if (exchange.hasResponded) this.reset();
    else this.#answer(refusal, requestId ?? this.#host.refused(refusal, this.peer));
  }

  #refuse(reason: RefusalReason): -1 {
    const refusal = refusalOf(reason);
    this.#answer(refusal, this.#host.refused(refusal, this.peer));
    return -1;
  }

  #answer(refusal: Refusal, requestId: string): void {
    this.outgoing.addText(refusalResponse(refusal, requestId));
    this.#linger();
  }

  /** Closes our end, and gives the client the time to read what we sent before it learns that we do not listen. */
  #linger(): void {
    this.outgoing.sendNow();
    this.#phase = 'lingering';
    this.#held = undefined;
    this.#await(this.#host.stallTimeoutMs);
    this.#socket.end(() => this.#await(LINGER_MS));
    this.#socket.resume();
  }

  #drained(): void {
    if (this.#phase === 'waiting') this.#await(this.#host.idleTimeoutMs);
    if (this.#exchange === undefined) return;
    this.deadlineTick = NEVER;
    this.#exchange.events?.onResponseDrain();
  }

  /**
   * The client sends nothing more. Whether it still listens cannot be told from one that is gone, so it gets a moment
   * from here, and after each piece that it is sent, until the response goes on.
   */
  #ended(): void {
    this.#isPeerDone = true;
    const exchange = this.#exchange;
    if (exchange === undefined) return this.#linger();
    if (this.#phase === 'tunnelling') exchange.events?.onRequestEnd([]);
    else if (!exchange.isReceived) this.destroy();
    else this.#await(HALF_CLOSED_MS);
  }

  #closed(): void {
    this.outgoing.drop();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#phase = 'lingering';
    this.#host.removed(this);
    if (exchange === undefined || exchange.isAnswered) return;
    exchange.isAnswered = true;
    exchange.events?.onClientGone();
  }
}
