import { HoldfastError, Rhythm, type Ticker, type Ticking } from '@holdfast/shared';
import { EndpointConnection } from './endpoint-connection.ts';
import { EndpointRequest } from './endpoint-request.ts';
import type { EndpointTls } from './endpoint-tls.ts';
import type { Upstream, UpstreamEvents, UpstreamHead, UpstreamRequest } from './upstream.ts';

export interface EndpointConnectionsOptions {
  /** Scheme, host and port of the endpoint. */
  readonly origin: string;
  /** How TLS is spoken where the scheme is https. Default: verified, by what Node trusts. */
  readonly tls?: EndpointTls | undefined;
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
 * The connections of this node to one endpoint, as many as there are requests at once. The one used last is used next: it is the least likely to have been
 * closed by the endpoint, and the others may reach their idle timeout.
 */
export class EndpointConnections implements Upstream, Ticking {
  readonly options: EndpointConnectionsOptions;
  readonly allowsUpgrade = true;
  readonly #all = new Set<EndpointConnection>();
  readonly #idle: EndpointConnection[] = [];
  readonly #rhythm: Rhythm;
  #isRetired = false;
  #isClosed = false;

  constructor(options: EndpointConnectionsOptions) {
    this.options = options;
    this.#rhythm = new Rhythm(options.ticker, options.heldEveryMs ?? Number.POSITIVE_INFINITY);
  }

  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest {
    return new EndpointRequest(this, head, events);
  }

  /** Gives the request a connection. */
  assign(request: EndpointRequest): void {
    const connection = this.#idle.pop();
    if (connection !== undefined) connection.start(request);
    else if (this.#isClosed) request.fail(this.#closedError(), 'nothing-sent');
    else this.#open(request);
  }

  /** A connection has done its work and may take the next request. */
  release(connection: EndpointConnection): void {
    if (this.#isRetired) connection.destroy();
    else this.#idle.push(connection);
  }

  /** A connection is gone; `replay` is a request that it could not serve because the endpoint had closed it before. */
  remove(connection: EndpointConnection, replay: EndpointRequest | undefined): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (replay !== undefined && !this.#isClosed) this.#open(replay);
    // Without connections there are no deadlines to look at.
    if (this.#all.size === 0) this.options.ticker.remove(this);
  }

  tick(now: number): void {
    const isReminder = this.#rhythm.isDue(now);
    for (const connection of this.#all) {
      if (now >= connection.deadlineTick) connection.expire();
      else if (isReminder) connection.remind();
    }
  }

  retire(): void {
    this.#isRetired = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  close(): void {
    this.#isClosed = true;
    this.options.ticker.remove(this);
    for (const connection of this.#all) connection.destroy(this.#closedError());
  }

  #open(request: EndpointRequest): void {
    this.options.ticker.add(this);
    const connection = new EndpointConnection(this);
    this.#all.add(connection);
    connection.start(request);
  }

  #closedError(): HoldfastError {
    return new HoldfastError('INTERNAL_SHUTDOWN', `connections to ${this.options.origin} are closed`);
  }
}
