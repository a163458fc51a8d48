import type { HoldfastError } from '@holdfast/shared';
import type { EndpointConnection } from './endpoint-connection.ts';
import type { EndpointConnections } from './endpoint-connections.ts';
import type { UpstreamEvents, UpstreamHead, UpstreamProgress, UpstreamRequest } from './upstream.ts';

/** A request to an endpoint, from the moment it is wanted: first without a connection, then with one. */
export class EndpointRequest implements UpstreamRequest {
  readonly head: UpstreamHead;
  readonly events: UpstreamEvents;
  /** Answered, failed or given up: no event may follow. */
  isOver = false;
  /** Whether the request body, if there is one, has been written to its end. */
  isSent: boolean;
  connection: EndpointConnection | undefined = undefined;

  readonly #connections: EndpointConnections;

  constructor(connections: EndpointConnections, head: UpstreamHead, events: UpstreamEvents) {
    this.#connections = connections;
    this.head = head;
    this.events = events;
    this.isSent = head.body === 'none';
  }

  start(): void {
    this.#connections.assign(this);
  }

  write(chunk: Buffer): void {
    this.connection?.write(chunk);
  }

  flush(): boolean {
    return this.connection === undefined || this.connection.flush();
  }

  end(trailers: readonly string[]): void {
    this.isSent = true;
    this.connection?.endRequest(trailers);
  }

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.connection?.destroy();
  }

  fail(error: HoldfastError, progress: UpstreamProgress): void {
    if (this.isOver) return;
    this.isOver = true;
    this.events.onUpstreamError(error, progress);
  }
}
