import { HoldfastError, Rhythm, type Ticker, type Ticking } from '@holdfast/shared';
import type { Upstream, UpstreamEvents, UpstreamHead, UpstreamRequest } from '../upstream.ts';
import { Http2Connection } from './http2-connection.ts';
import { Http2Request } from './http2-request.ts';

export interface Http2ConnectionsOptions {
  /** Scheme `h2c`, host and port of the endpoint. */
  readonly origin: string;
  /** Until a connection is established and the endpoint has said how many requests it takes. */
  readonly connectTimeoutMs: number;
  /** From the end of the request until the response head. */
  readonly responseTimeoutMs: number;
  /** Between two pieces of a response body. */
  readonly idleTimeoutMs: number;
  /** How often a request that is under way is told so. Default: never. */
  readonly heldEveryMs?: number;
  readonly ticker: Ticker;
}

/**
 * The connections of this node to one endpoint that speaks HTTP/2 without TLS, known beforehand (RFC 9113 section 3.3).
 * As few as will do: a request goes to the first that takes one more, and another is opened when none does.
 */
export class Http2Connections implements Upstream, Ticking {
  readonly options: Http2ConnectionsOptions;
  /** A tunnel through a stream is another protocol (RFC 8441), which few endpoints know. */
  readonly allowsUpgrade = false;
  readonly #all = new Set<Http2Connection>();
  readonly #waiting: Http2Request[] = [];
  readonly #rhythm: Rhythm;
  #isRetired = false;
  #isClosed = false;

  constructor(options: Http2ConnectionsOptions) {
    this.options = options;
    this.#rhythm = new Rhythm(options.ticker, options.heldEveryMs ?? Number.POSITIVE_INFINITY);
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest {
    return new Http2Request(this, head, events);
  }

  /** Gives the request a connection, or has it wait for one. */
  assign(request: Http2Request): void {
    if (this.#isClosed) return request.fail(this.#closedError(), 'nothing-sent');
    for (const connection of this.#all) if (connection.hasRoom) return connection.start(request);
    this.#waiting.push(request);
    this.#grow();
  }

  /** A connection can take requests, or more of them than before. */
  hasRoom(connection: Http2Connection): void {
    while (connection.hasRoom) {
      const next = this.#nextWaiting();
      if (next === undefined) return;
      connection.start(next);
    }
    if (this.#waiting.length > 0) this.#grow();
  }

  /** A connection is gone. @param failure why it could not be made, if that is what happened */
  remove(connection: Http2Connection, failure: HoldfastError | undefined): void {
    this.#all.delete(connection);
    // Those that are open come to the waiting requests one day; without any, each would have met the same failure.
    if (failure !== undefined && !this.#has('open')) this.#failWaiting(failure);
    else if (this.#waiting.length > 0) this.#grow();
    // Without connections there are no deadlines to look at.
    if (this.#all.size === 0) this.options.ticker.remove(this);
  }

  tick(now: number): void {
    const isReminder = this.#rhythm.isDue(now);
    for (const connection of this.#all) {
      connection.tick(now);
      if (isReminder) connection.remind();
    }
  }

  retire(): void {
    this.#isRetired = true;
    for (const connection of this.#all) connection.rest();
  }

  close(): void {
    this.#isClosed = true;
    this.options.ticker.remove(this);
    for (const connection of this.#all) connection.destroy(this.#closedError());
    this.#failWaiting(this.#closedError());
  }

  /** Opens a connection, unless one is on its way. */
  #grow(): void {
    if (this.#has('connecting')) return;
    this.options.ticker.add(this);
    this.#all.add(new Http2Connection(this));
  }

  #has(phase: Http2Connection['phase']): boolean {
    return [...this.#all].some((connection) => connection.phase === phase);
  }

  #failWaiting(error: HoldfastError): void {
    for (const request of this.#waiting.splice(0)) request.fail(error, 'nothing-sent');
  }

  /** The request that has waited longest and has not been given up. */
  #nextWaiting(): Http2Request | undefined {
    let request = this.#waiting.shift();
    while (request?.isOver) request = this.#waiting.shift();
    return request;
  }

  #closedError(): HoldfastError {
    return new HoldfastError('INTERNAL_SHUTDOWN', `connections to ${this.options.origin} are closed`);
  }
}
