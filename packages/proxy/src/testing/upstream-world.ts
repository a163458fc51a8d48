import { Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { EndpointConnections, type EndpointConnectionsOptions } from '../upstream/endpoint-connections.ts';
import type { UpstreamHead, UpstreamRequest } from '../upstream/upstream.ts';
import { TestEndpoint } from './test-endpoint.ts';
import type { TestSocket } from './test-socket.ts';
import { UpstreamLog, upstreamHead } from './upstream-log.ts';

/** A request of the test's, and what came back of it. */
export interface SentRequest {
  readonly request: UpstreamRequest;
  readonly log: UpstreamLog;
}

/** The connections to an endpoint whose other ends the test holds, and whose time the test moves. */
export class UpstreamWorld {
  readonly clock = new ManualClock();
  readonly endpoint: TestEndpoint;
  readonly connections: EndpointConnections;

  private constructor(endpoint: TestEndpoint, options: Partial<EndpointConnectionsOptions>) {
    this.endpoint = endpoint;
    this.connections = new EndpointConnections({
      origin: endpoint.origin,
      connectTimeoutMs: 1_000,
      responseTimeoutMs: 60_000,
      idleTimeoutMs: 30_000,
      ticker: new Ticker(this.clock, 100),
      ...options,
    });
  }

  static async open(options: Partial<EndpointConnectionsOptions> = {}): Promise<UpstreamWorld> {
    return new UpstreamWorld(await TestEndpoint.open(), options);
  }

  send(head: UpstreamHead = upstreamHead()): SentRequest {
    const log = new UpstreamLog();
    const request = this.connections.request(head, log);
    request.start();
    return { request, log };
  }

  /** Sends a request and answers the endpoint's end of its connection, once the head has arrived there. */
  async arrive(number = 1, head?: UpstreamHead): Promise<SentRequest & { readonly socket: TestSocket }> {
    const sent = this.send(head);
    const socket = await this.endpoint.connection(number);
    await socket.received('\r\n\r\n');
    return { ...sent, socket };
  }

  async close(): Promise<void> {
    this.connections.close();
    await this.endpoint.close();
  }
}
