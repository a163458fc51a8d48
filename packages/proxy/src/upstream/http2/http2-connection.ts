import { type ClientHttp2Session, connect, type Settings } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { HoldfastError } from '@holdfast/shared';
import { ResponseHeadParser } from '../../codec/index.ts';
import {
  CONNECTION_MEGABYTES_MAX,
  CONNECTION_WINDOW_BYTES,
  FIELD_SECTION_BYTES_MAX,
  FIELDS_MAX,
  STREAM_WINDOW_BYTES,
} from '../../http2/limits.ts';
import { endpointAddressOf } from '../endpoint-address.ts';
import { socketError } from '../socket-error.ts';
import type { Http2Connections } from './http2-connections.ts';
import type { Http2Request } from './http2-request.ts';

/** A connection without a request is closed after this: below the minute or more for which endpoints keep them. */
const KEEP_ALIVE_MS = 30_000;
/** Requests on one connection, whatever the endpoint allows: all of them wait for the same lost packet. */
const STREAMS_MAX = 128;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * What a connection is good for.
 *
 * - `connecting`: nothing yet; the endpoint's settings, its first word, have not come
 * - `open`: requests
 * - `retired`: the requests that are on it, and no more
 * - `gone`: nothing
 */
type Phase = 'connecting' | 'open' | 'retired' | 'gone';

/**
 * One connection to an endpoint that speaks HTTP/2. It takes requests once the endpoint's settings have come: then it is
 * certain that HTTP/2 is spoken there, and how many requests it takes at once.
 */
export class Http2Connection {
  /** Reads the head of one response after the other. */
  readonly head = new ResponseHeadParser();
  /** The last request that the endpoint says it has seen, once it has announced to leave (RFC 9113 section 6.8). */
  lastStreamId = NEVER;
  /** Whether a request has been answered on it: the endpoint may have closed it by now. */
  isReused = false;

  readonly #pool: Http2Connections;
  readonly #session: ClientHttp2Session;
  readonly #requests = new Set<Http2Request>();
  #phase: Phase = 'connecting';
  #streamsMax = 0;
  /** When it is connected too late, or has been idle for too long, in ticks. */
  #deadlineTick: number;
  #failure: HoldfastError | undefined;

  constructor(pool: Http2Connections) {
    const { connectTimeoutMs, ticker } = pool.options;
    this.#pool = pool;
    this.#deadlineTick = ticker.deadline(connectTimeoutMs);
    this.#session = openSession(pool.options.origin);
    this.#session.on('remoteSettings', (settings) => this.#allowed(settings));
    this.#session.on('goaway', (_code, lastStreamId) => this.#dismissed(lastStreamId));
    this.#session.on('error', (error) => this.#fail(error));
    this.#session.on('close', () => this.#closed());
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether it takes one more request. */
  get hasRoom(): boolean {
    const { closed, destroyed } = this.#session;
    return this.#phase === 'open' && !closed && !destroyed && this.#requests.size < this.#streamsMax;
  }

  /** Takes a request; there is room for it. */
  start(request: Http2Request): void {
    this.#requests.add(request);
    this.#deadlineTick = NEVER;
    try {
      request.begin(this, this.#session);
    } catch (error) {
      this.#requests.delete(request);
      request.fail(HoldfastError.from(error), 'nothing-sent');
    }
  }

  /** A request, and with it its stream, is over. */
  release(request: Http2Request): void {
    this.#requests.delete(request);
    if (this.#phase === 'gone') return;
    if (this.#phase === 'open') this.#pool.hasRoom(this);
    this.rest();
  }

  /** Takes no more requests: the endpoint may not be at the other end any longer. */
  retire(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'retired';
    this.rest();
  }

  /** Where nothing is on it: it waits for the next request, if there will be one. */
  rest(): void {
    if (this.#phase === 'connecting' || this.#phase === 'gone' || this.#requests.size > 0) return;
    if (this.#phase === 'retired' || this.#pool.isRetired) this.#session.close();
    else this.#deadlineTick = this.#pool.options.ticker.deadline(KEEP_ALIVE_MS);
  }

  /** Looks at its own deadline and at those of its requests. */
  /** Tells the requests on it that they are still under way. */
  remind(): void {
    for (const request of this.#requests) request.remind();
  }

  tick(now: number): void {
    for (const request of this.#requests) if (now >= request.deadlineTick) request.expire();
    if (now >= this.#deadlineTick) this.#expire();
  }

  /** Ends the connection and, with the error, the requests on it. */
  destroy(error?: HoldfastError): void {
    if (this.#phase === 'gone') return;
    this.#failure ??= error;
    for (const request of this.#requests) if (error !== undefined) request.break(error);
    this.#session.destroy();
  }

  #expire(): void {
    const { origin } = this.#pool.options;
    if (this.#phase === 'connecting')
      this.destroy(new HoldfastError('UPSTREAM_CONNECT_TIMEOUT', `connect to ${origin}: timed out`));
    else this.#session.close();
  }

  #allowed({ maxConcurrentStreams = STREAMS_MAX }: Settings): void {
    if (this.#session.destroyed) return;
    const isFirst = this.#phase === 'connecting';
    this.#streamsMax = Math.min(maxConcurrentStreams, STREAMS_MAX);
    if (isFirst && this.#streamsMax === 0) {
      const { origin } = this.#pool.options;
      return this.destroy(new HoldfastError('UPSTREAM_CONNECT_FAILED', `${origin} takes no requests`));
    }
    if (isFirst) this.#open();
    this.#pool.hasRoom(this);
    if (isFirst) this.rest();
  }

  #open(): void {
    this.#phase = 'open';
    this.#session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  }

  #dismissed(lastStreamId: number): void {
    this.lastStreamId = lastStreamId;
    this.retire();
  }

  #fail(error: Error): void {
    this.#failure ??= socketError(error, this.#pool.options.origin, this.#phase !== 'connecting');
    this.#session.destroy();
  }

  #closed(): void {
    const wasConnecting = this.#phase === 'connecting';
    const { origin } = this.#pool.options;
    this.#phase = 'gone';
    this.#failure ??= new HoldfastError('UPSTREAM_CONNECT_FAILED', `connection to ${origin} closed`);
    this.#pool.remove(this, wasConnecting ? this.#failure : undefined);
  }
}

function openSession(origin: string): ClientHttp2Session {
  const { address: host, port } = endpointAddressOf(origin);
  const options = {
    createConnection: () => connectSocket({ host, port, noDelay: true }),
    maxHeaderListPairs: FIELDS_MAX,
    maxSessionMemory: CONNECTION_MEGABYTES_MAX,
    settings: {
      enablePush: false,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxHeaderListSize: FIELD_SECTION_BYTES_MAX,
    },
    // A field that should be there once and is there twice is for its reader to judge, not for a proxy.
    strictSingleValueFields: false,
  };
  return connect(origin.replace(/^h2c:/, 'http:'), options);
}
