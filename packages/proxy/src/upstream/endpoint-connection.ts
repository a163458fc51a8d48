import type { Socket } from 'node:net';
import { HoldfastError } from '@holdfast/shared';
import {
  BodyDecoder,
  CHUNK_END,
  chunkStart,
  defaultHeadLimits,
  lastChunk,
  ResponseHeadParser,
  responseFraming,
} from '../codec/index.ts';
import { Outgoing, type SendingOwner } from '../socket/outgoing.ts';
import type { EndpointConnections } from './endpoint-connections.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import { openEndpointSocket } from './endpoint-socket.ts';
import { socketError } from './socket-error.ts';
import type { UpstreamProgress } from './upstream.ts';

/** Below the five seconds after which Node's and other servers close connections that are not used. */
const KEEP_ALIVE_MS = 4_000;
const NEVER = Number.POSITIVE_INFINITY;
const SWITCHING_PROTOCOLS = 101;
/** Interim responses of one request; more are an attack or a fault. */
const INTERIM_MAX = 16;

/**
 * One connection to an endpoint, for one request after the other. Whatever is irregular about a response, if only a byte
 * too many, ends the connection with it.
 */
export class EndpointConnection implements SendingOwner {
  /** When what it waits for has taken too long, in ticks. */
  deadlineTick = NEVER;

  readonly #pool: EndpointConnections;
  readonly #socket: Socket;
  readonly #head = new ResponseHeadParser(defaultHeadLimits);
  readonly #body = new BodyDecoder(defaultHeadLimits);
  readonly #outgoing: Outgoing;
  #request: EndpointRequest | undefined;
  #progress: UpstreamProgress = 'nothing-sent';
  #isConnected = false;
  /** Whether a request has been answered on this connection: it may be closed at the endpoint's end already. */
  #isReused = false;
  #isTunnel = false;
  #interimCount = 0;
  #isGone = false;

  constructor(pool: EndpointConnections) {
    const { origin, tls, connectTimeoutMs, ticker } = pool.options;
    this.#pool = pool;
    this.deadlineTick = ticker.deadline(connectTimeoutMs);
    this.#socket = openEndpointSocket(origin, tls, {
      established: () => this.#connected(),
      received: (piece) => this.#received(piece),
    });
    this.#outgoing = new Outgoing(this.#socket, this);
    this.#socket.on('drain', () => this.#drained());
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error) => this.destroy(socketError(error, origin, this.#isConnected)));
    this.#socket.on('close', () => this.destroy(this.#brokenOff()));
  }

  /** Takes a request; the connection is idle, or new. */
  start(request: EndpointRequest): void {
    this.#request = request;
    request.connection = this;
    if (this.#isConnected) this.#send(request);
  }

  write(chunk: Buffer): void {
    const isChunked = this.#request?.head.body === 'chunked' && !this.#isTunnel;
    if (isChunked) this.#outgoing.addText(chunkStart(chunk.length));
    this.#outgoing.addBytes(chunk);
    if (isChunked) this.#outgoing.addText(CHUNK_END);
  }

  /** Sends what was added. False: the endpoint is slow to take it. */
  flush(): boolean {
    return this.#outgoing.send();
  }

  onSent(isReady: boolean): void {
    if (this.#progress === 'nothing-sent') this.#progress = 'sent';
    if (!isReady && !this.#isTunnel && this.#request?.isSent === false)
      this.#await(this.#pool.options.idleTimeoutMs);
  }

  /** The request body is complete: in a tunnel that closes this direction, else the endpoint's turn begins. */
  endRequest(trailers: readonly string[]): void {
    if (this.#isTunnel) {
      this.#outgoing.sendNow();
      this.#socket.end();
      return;
    }
    if (this.#request?.head.body === 'chunked') this.#outgoing.addText(lastChunk(trailers));
    this.#outgoing.send();
    if (!this.#socket.isPaused()) this.#await(this.#pool.options.responseTimeoutMs);
  }

  pause(): void {
    this.#socket.pause();
    // A client that is slow to take the body is not the endpoint's delay.
    this.deadlineTick = NEVER;
  }

  resume(): void {
    if (!this.#socket.isPaused()) return;
    this.#socket.resume();
    if (!this.#isTunnel) this.#await(this.#pool.options.idleTimeoutMs);
  }

  /** Tells the request on it, if there is one, that it is still under way. */
  remind(): void {
    this.#request?.events.onUpstreamHeld();
  }

  /** What the connection waits for has taken too long. */
  expire(): void {
    const { origin } = this.#pool.options;
    if (this.#request === undefined) this.destroy();
    else if (!this.#isConnected)
      this.destroy(new HoldfastError('UPSTREAM_CONNECT_TIMEOUT', `connect to ${origin}: timed out`));
    else this.destroy(new HoldfastError('UPSTREAM_TIMEOUT', `${origin} did not answer in time`));
  }

  /** Ends the connection and, with the error, the request on it. */
  destroy(error?: HoldfastError): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#outgoing.drop();
    const request = this.#request;
    this.#request = undefined;
    this.#socket.destroy();
    const isReplay = request !== undefined && this.#mayReplay(request, error);
    this.#pool.remove(this, isReplay ? request : undefined);
    if (!isReplay && error !== undefined) request?.fail(error, this.#progress);
  }

  /**
   * The endpoint had closed a kept connection before this request reached it: that says nothing about the endpoint, and
   * the request may go there again on a new connection.
   */
  #mayReplay(request: EndpointRequest, error: HoldfastError | undefined): boolean {
    if (!this.#isReused || error?.code !== 'UPSTREAM_RESET' || request.isOver) return false;
    return this.#progress === 'nothing-sent' || (this.#progress === 'sent' && request.head.isReplayable);
  }

  #connected(): void {
    this.#isConnected = true;
    this.deadlineTick = NEVER;
    if (this.#request?.isOver) this.destroy();
    else if (this.#request !== undefined) this.#send(this.#request);
  }

  #send(request: EndpointRequest): void {
    const { head, events } = request;
    this.#interimCount = 0;
    this.#isTunnel = false;
    this.#outgoing.addText(head.text);
    this.#outgoing.send();
    if (head.body === 'none') {
      this.#await(this.#pool.options.responseTimeoutMs);
      return;
    }
    // What has arrived of the body goes out with the head, as one write, and cannot be had again.
    this.#progress = 'sent';
    this.deadlineTick = NEVER;
    events.onUpstreamWritable();
  }

  #drained(): void {
    const request = this.#request;
    if (request === undefined || (request.isSent && !this.#isTunnel)) return;
    this.deadlineTick = NEVER;
    request.events.onUpstreamWritable();
  }

  #await(timeoutMs: number): void {
    this.deadlineTick = this.#pool.options.ticker.deadline(timeoutMs);
  }

  #received(piece: Buffer): void {
    const request = this.#request;
    // An endpoint that speaks without being asked is out of step with us.
    if (request === undefined || this.#progress === 'nothing-sent') return this.destroy(this.#brokenOff());
    let at = 0;
    if (this.#progress !== 'responding') {
      at = this.#readHead(request, piece);
      if (at < 0) return;
    }
    this.#readBody(request, piece, at);
  }

  /** Reads interim responses and the head. Answers where the body begins; -1 if there is nothing to go on with. */
  #readHead(request: EndpointRequest, piece: Buffer): number {
    let at = 0;
    for (;;) {
      const state = this.#head.feed(piece, at, piece.length);
      if (state === 'partial') return -1;
      if (state === 'rejected') return this.#reject(`${this.#head.rejection}`);
      at = this.#head.next;
      const { status } = this.#head;
      if (status === SWITCHING_PROTOCOLS && !request.head.isUpgrade)
        return this.#reject('a 101 that nobody asked for');
      if (status >= 200 || status === SWITCHING_PROTOCOLS) break;
      if (++this.#interimCount > INTERIM_MAX) return this.#reject('too many interim responses');
      request.events.onUpstreamInformation(this.#head);
      if (request.isOver || at === piece.length) return -1;
    }
    this.#beginBody(request);
    return request.isOver ? -1 : at;
  }

  #beginBody(request: EndpointRequest): void {
    this.#progress = 'responding';
    this.#isTunnel = this.#head.status === SWITCHING_PROTOCOLS;
    this.#body.begin(
      this.#isTunnel ? 'until-close' : responseFraming(request.head.method, this.#head),
      this.#head.contentLength,
    );
    if (this.#isTunnel) this.deadlineTick = NEVER;
    else this.#await(this.#pool.options.idleTimeoutMs);
    request.events.onUpstreamHead(this.#head);
  }

  #readBody(request: EndpointRequest, piece: Buffer, start: number): void {
    const body = this.#body;
    const length = piece.length;
    for (let at = start; ; at = body.next) {
      const step = body.step(piece, at, length);
      if (step === 'data') {
        request.events.onUpstreamBody(piece.subarray(body.dataStart, body.dataEnd));
        if (request.isOver) return;
        continue;
      }
      if (step === 'end') return this.#complete(request, body.next === length);
      if (step === 'rejected') return void this.#reject(`${body.rejection}`);
      if (!this.#isTunnel) this.#await(this.#pool.options.idleTimeoutMs);
      request.events.onUpstreamFlush();
      return;
    }
  }

  /** @param isClean whether nothing followed the response */
  #complete(request: EndpointRequest, isClean: boolean): void {
    const isReusable =
      isClean && this.#head.isPersistent && request.isSent && !this.#isTunnel && !this.#socket.readableEnded;
    request.isOver = true;
    this.#request = undefined;
    if (isReusable) this.#rest();
    else this.destroy();
    request.events.onUpstreamEnd(this.#body.trailers);
  }

  #rest(): void {
    this.#isReused = true;
    this.#progress = 'nothing-sent';
    this.#await(KEEP_ALIVE_MS);
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#pool.release(this);
  }

  /** The endpoint sends nothing more: the end of a body that reaches until then, a fault in all other places. */
  #ended(): void {
    const request = this.#request;
    if (request === undefined || this.#progress !== 'responding' || !this.#body.isCompleteAtClose) {
      return this.destroy(this.#brokenOff());
    }
    return this.#complete(request, false);
  }

  #brokenOff(): HoldfastError {
    const { origin } = this.#pool.options;
    return this.#isConnected
      ? new HoldfastError('UPSTREAM_RESET', `connection to ${origin} closed before the response was complete`)
      : new HoldfastError('UPSTREAM_CONNECT_FAILED', `connection to ${origin} closed`);
  }

  #reject(rule: string): -1 {
    this.destroy(
      new HoldfastError(
        'UPSTREAM_BAD_RESPONSE',
        `${this.#pool.options.origin} sent no valid response: ${rule}`,
      ),
    );
    return -1;
  }
}
