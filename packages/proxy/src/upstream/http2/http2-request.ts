import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { HoldfastError } from '@holdfast/shared';
import { responseFraming } from '../../codec/index.ts';
import { recordOf } from '../../exchange/field-lines.ts';
import { readTrailers } from '../../http2/trailers.ts';
import { watchEnd } from '../../http2/whole-message.ts';
import { keepPiece } from '../../socket/direct-read.ts';
import type { UpstreamEvents, UpstreamHead, UpstreamProgress, UpstreamRequest } from '../upstream.ts';
import type { Http2Connection } from './http2-connection.ts';
import type { Http2Connections } from './http2-connections.ts';
import { streamError } from './http2-error.ts';
import { http2RequestHead } from './http2-request-head.ts';
import { readResponseHead } from './http2-response-head.ts';

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_REFUSED_STREAM } = constants;
const NEVER = Number.POSITIVE_INFINITY;
const SWITCHING_PROTOCOLS = 101;
/** Interim responses of one request; more are an attack or a fault. */
const INTERIM_MAX = 16;

/** A request to an endpoint, from the moment it is wanted: first without a stream, then with one. */
export class Http2Request implements UpstreamRequest {
  /** Answered, failed or given up: no event may follow. */
  isOver = false;
  /** When what it waits for has taken too long, in ticks. */
  deadlineTick = NEVER;

  readonly #pool: Http2Connections;
  readonly #head: UpstreamHead;
  readonly #events: UpstreamEvents;
  #connection: Http2Connection | undefined;
  #stream: ClientHttp2Stream | undefined;
  #progress: UpstreamProgress = 'nothing-sent';
  /** Whether the request body, if there is one, has been written to its end. */
  #isSent: boolean;
  /** Whether some of the request body has been asked for: the request cannot be sent again. */
  #hasAsked = false;
  #isReplay = false;
  #requestTrailers: readonly string[] = [];
  #interimCount = 0;
  /** What the response body is yet to bring; -1 where its head does not say. */
  #bytesLeft = -1;
  #trailers: readonly string[] = [];
  #willFlush = false;
  #cause: Error | undefined;

  constructor(pool: Http2Connections, head: UpstreamHead, events: UpstreamEvents) {
    this.#pool = pool;
    this.#head = head;
    this.#events = events;
    this.#isSent = head.body === 'none';
  }

  remind(): void {
    this.#events.onUpstreamHeld();
  }

  start(): void {
    this.#pool.assign(this);
  }

  /** Sends the head on a connection that has room for it. */
  begin(connection: Http2Connection, session: ClientHttp2Session): void {
    this.#connection = connection;
    this.#progress = 'sent';
    this.#cause = undefined;
    const { text, body } = this.#head;
    const options = { endStream: body === 'none', waitForTrailers: body === 'chunked' };
    const stream = session.request(http2RequestHead(text), options);
    this.#stream = stream;
    this.#listen(stream);
    if (body === 'none') return this.#await(this.#pool.options.responseTimeoutMs);
    this.#hasAsked = true;
    this.#events.onUpstreamWritable();
  }

  write(chunk: Buffer): void {
    if (this.#stream === undefined || this.#stream.closed) return;
    this.#stream.write(keepPiece(chunk));
  }

  flush(): boolean {
    const isReady = this.#stream?.writableNeedDrain !== true;
    if (!isReady) this.#await(this.#pool.options.idleTimeoutMs);
    return isReady;
  }

  end(trailers: readonly string[]): void {
    this.#isSent = true;
    this.#requestTrailers = trailers;
    this.#stream?.end();
    if (this.#stream?.isPaused() === false) this.#await(this.#pool.options.responseTimeoutMs);
  }

  pause(): void {
    this.#stream?.pause();
    // A client that is slow to take the body is not the endpoint's delay.
    this.deadlineTick = NEVER;
  }

  resume(): void {
    if (this.#stream?.isPaused() !== true) return;
    this.#stream.resume();
    this.#await(this.#pool.options.idleTimeoutMs);
  }

  abort(): void {
    this.isOver = true;
    this.#stream?.close(NGHTTP2_CANCEL);
  }

  /** What the request waits for has taken too long. Whether the endpoint is still there, the next request finds out. */
  expire(): void {
    this.#connection?.retire();
    this.break(new HoldfastError('UPSTREAM_TIMEOUT', `${this.#pool.options.origin} did not answer in time`));
  }

  /** Gives the request up because of this error. */
  break(error: HoldfastError): void {
    this.#stream?.close(NGHTTP2_CANCEL);
    this.fail(error, this.#progress);
  }

  fail(error: HoldfastError, progress: UpstreamProgress): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#events.onUpstreamError(error, progress);
  }

  #listen(stream: ClientHttp2Stream): void {
    const isWhole = watchEnd(stream);
    stream.on('headers', (_fields, _flags, list) => this.#informed(list as unknown as string[]));
    stream.on('response', (_fields, flags, list) =>
      this.#answered(list, (flags & NGHTTP2_FLAG_END_STREAM) !== 0),
    );
    stream.on('data', (chunk: Buffer) => this.#received(chunk));
    stream.on('trailers', (_fields, _flags, list) => this.#trailed(list));
    stream.on('end', () => isWhole() && this.#complete());
    stream.on('drain', () => this.#drained());
    stream.on('wantTrailers', () => stream.sendTrailers(recordOf(this.#requestTrailers)));
    stream.on('error', (error) => {
      this.#cause = error;
    });
    stream.on('close', () => this.#closed(stream));
  }

  #drained(): void {
    if (this.isOver || this.#isSent) return;
    this.deadlineTick = NEVER;
    this.#events.onUpstreamWritable();
  }

  #informed(list: readonly string[]): void {
    if (this.isOver || !this.#read(list)) return;
    const { head } = this.#connection as Http2Connection;
    if (head.status === SWITCHING_PROTOCOLS) return this.#reject('a 101 that nobody asked for');
    if (++this.#interimCount > INTERIM_MAX) return this.#reject('too many interim responses');
    this.#events.onUpstreamInformation(head);
  }

  #answered(list: readonly string[], hasEnded: boolean): void {
    if (this.isOver || !this.#read(list)) return;
    const { head } = this.#connection as Http2Connection;
    const framing = responseFraming(this.#head.method, head);
    this.#progress = 'responding';
    if (framing === 'none') this.#bytesLeft = 0;
    else this.#bytesLeft = head.contentLength;
    this.#await(this.#pool.options.idleTimeoutMs);
    this.#events.onUpstreamHead(head);
    if (!hasEnded) this.#flushSoon();
  }

  #read(list: readonly string[]): boolean {
    const flaw = readResponseHead((this.#connection as Http2Connection).head, list);
    if (flaw !== undefined) this.#reject(flaw.fault);
    return flaw === undefined;
  }

  #received(chunk: Buffer): void {
    if (this.isOver) return;
    if (this.#bytesLeft >= 0) {
      this.#bytesLeft -= chunk.length;
      if (this.#bytesLeft < 0) return this.#reject('more bytes than its head announced');
    }
    this.#await(this.#pool.options.idleTimeoutMs);
    this.#events.onUpstreamBody(chunk);
    this.#flushSoon();
  }

  /** All that one packet brings goes out together: Node tells of each frame in it alone. */
  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    setImmediate(() => {
      this.#willFlush = false;
      if (!this.isOver) this.#events.onUpstreamFlush();
    });
  }

  #trailed(list: readonly string[]): void {
    if (this.isOver) return;
    const trailers = readTrailers(list);
    if (trailers === undefined) return this.#reject('bad trailers');
    this.#trailers = trailers;
  }

  #complete(): void {
    if (this.isOver) return;
    if (this.#bytesLeft > 0) return this.#reject('fewer bytes than its head announced');
    this.isOver = true;
    (this.#connection as Http2Connection).isReused = true;
    // An answer that came before the whole request makes the rest of it superfluous.
    if (!this.#isSent) this.#stream?.close(NGHTTP2_CANCEL);
    this.#events.onUpstreamEnd(this.#trailers);
  }

  #closed(stream: ClientHttp2Stream): void {
    this.deadlineTick = NEVER;
    const connection = this.#connection as Http2Connection;
    connection.release(this);
    if (this.isOver) return;
    const { origin } = this.#pool.options;
    const error = streamError(origin, stream.rstCode, this.#cause);
    const isUnseen =
      this.#progress === 'sent' &&
      (stream.rstCode === NGHTTP2_REFUSED_STREAM || (stream.id ?? 0) > connection.lastStreamId);
    if (this.#mayReplay(isUnseen, connection, error)) {
      this.#isReplay = true;
      this.#pool.assign(this);
    } else this.fail(error, isUnseen ? 'nothing-sent' : this.#progress);
  }

  /**
   * What the endpoint has not looked at goes there again, once: that it refused one stream, or leaves one connection, is no
   * failure of the endpoint. So does what a kept connection that had been closed did not carry any more.
   */
  #mayReplay(isUnseen: boolean, { isReused }: Http2Connection, { code }: HoldfastError): boolean {
    if (this.#isReplay || this.#hasAsked) return false;
    const isStale = isReused && this.#progress === 'sent' && code === 'UPSTREAM_RESET';
    return isUnseen || (isStale && this.#head.isReplayable);
  }

  #await(timeoutMs: number): void {
    this.deadlineTick = this.#pool.options.ticker.deadline(timeoutMs);
  }

  #reject(rule: string): void {
    const { origin } = this.#pool.options;
    this.break(new HoldfastError('UPSTREAM_BAD_RESPONSE', `${origin} sent no valid response: ${rule}`));
  }
}
