import { HoldfastError, type Ticker, type Ticking } from '@holdfast/shared';
import { EndpointConnection } from './endpoint-connection.ts';
import { EndpointRequest } from './endpoint-request.ts';
import type { EndpointTls } from './endpoint-tls.ts';
import type { Upstream, UpstreamEvents, UpstreamHead, UpstreamRequest } from './upstream.ts';

export interface EndpointConnectionsOptions {
  /** Scheme, host and port of the endpoint. */
  readonly origin: string;
  /** How TLS is spoken where the scheme is https. Default: verified, by what Node trusts. */
  readonly tls?: EndpointTls | undefined;
  /** Connections that are open at once; requests beyond them wait. */
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** From the end of the request until the response head. */
  readonly responseTimeoutMs: number;
  /** Between two pieces of a response body. */
  readonly idleTimeoutMs: number;
  readonly ticker: Ticker;
}

/**
 * The connections of this node to one endpoint. The one used last is used next: it is the least likely to have been
 * closed by the endpoint, and the others may reach their idle timeout.
 */
export class EndpointConnections implements Upstream, Ticking {
  readonly options: EndpointConnectionsOptions;
  readonly #all = new Set<EndpointConnection>();
  readonly #idle: EndpointConnection[] = [];
  readonly #waiting: EndpointRequest[] = [];
  #isClosed = false;

  constructor(options: EndpointConnectionsOptions) {
    this.options = options;
    options.ticker.add(this);
  }

  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest {
    return new EndpointRequest(this, head, events);
  }

  /** Gives the request a connection, or has it wait for one. */
  assign(request: EndpointRequest): void {
    const connection = this.#idle.pop();
    if (connection !== undefined) connection.start(request);
    else if (this.#isClosed) request.fail(this.#closedError(), 'nothing-sent');
    else if (this.#all.size < this.options.connectionsMax) this.#open(request);
    else this.#waiting.push(request);
  }

  /** A connection has done its work and may take the next request. */
  release(connection: EndpointConnection): void {
    const next = this.#nextWaiting();
    if (next !== undefined) connection.start(next);
    else this.#idle.push(connection);
  }

  /** A connection is gone; `replay` is a request that it could not serve because the endpoint had closed it before. */
  remove(connection: EndpointConnection, replay: EndpointRequest | undefined): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.#isClosed) return;
    if (replay !== undefined) this.#open(replay);
    const next = this.#all.size < this.options.connectionsMax ? this.#nextWaiting() : undefined;
    if (next !== undefined) this.#open(next);
  }

  tick(now: number): void {
    for (const connection of this.#all) if (now >= connection.deadlineTick) connection.expire();
  }

  close(): void {
    this.#isClosed = true;
    this.options.ticker.remove(this);
    for (const connection of this.#all) connection.destroy(this.#closedError());
    for (const request of this.#waiting.splice(0)) request.fail(this.#closedError(), 'nothing-sent');
  }

  #open(request: EndpointRequest): void {
    const connection = new EndpointConnection(this);
    this.#all.add(connection);
    connection.start(request);
  }

  /** The request that has waited longest and has not been given up. */
  #nextWaiting(): EndpointRequest | undefined {
    let request = this.#waiting.shift();
    while (request?.isOver) request = this.#waiting.shift();
    return request;
  }

  #closedError(): HoldfastError {
    return new HoldfastError('UPSTREAM_CONNECT_FAILED', `connections to ${this.options.origin} are closed`);
  }
}
