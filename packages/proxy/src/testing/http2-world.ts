import type { ServerOptions } from 'node:http2';
import { Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { Http2Connections, type Http2ConnectionsOptions } from '../upstream/http2/http2-connections.ts';
import type { UpstreamHead } from '../upstream/upstream.ts';
import { type ArrivedRequest, Http2Endpoint } from './http2-endpoint.ts';
import { END_HEADERS, frame } from './http2-frames.ts';
import { TestEndpoint } from './test-endpoint.ts';
import type { TestSocket } from './test-socket.ts';
import { UpstreamLog, upstreamHead } from './upstream-log.ts';
import type { SentRequest } from './upstream-world.ts';

/** The connections to an endpoint that speaks HTTP/2, whose time the test moves. */
class World<Endpoint extends { readonly origin: string; close(): Promise<void> }> {
  readonly clock = new ManualClock();
  readonly endpoint: Endpoint;
  readonly connections: Http2Connections;

  constructor(endpoint: Endpoint, options: Partial<Http2ConnectionsOptions>) {
    this.endpoint = endpoint;
    this.connections = new Http2Connections({
      origin: endpoint.origin.replace(/^http:/, 'h2c:'),
      connectTimeoutMs: 1_000,
      responseTimeoutMs: 60_000,
      idleTimeoutMs: 30_000,
      ticker: new Ticker(this.clock, 100),
      ...options,
    });
  }

  send(head: UpstreamHead = upstreamHead()): SentRequest {
    const log = new UpstreamLog();
    const request = this.connections.request(head, log);
    request.start();
    return { request, log };
  }

  async close(): Promise<void> {
    this.connections.close();
    await this.endpoint.close();
  }
}

/** With an endpoint that keeps to the rules. */
export class Http2World extends World<Http2Endpoint> {
  static async open(
    options: Partial<Http2ConnectionsOptions> = {},
    serverOptions: ServerOptions = {},
  ): Promise<Http2World> {
    return new Http2World(await Http2Endpoint.open(serverOptions), options);
  }

  /** Sends a request and answers what has arrived of it at the endpoint. */
  async arrive(number = 1, head?: UpstreamHead): Promise<SentRequest & { readonly arrived: ArrivedRequest }> {
    const sent = this.send(head);
    return { ...sent, arrived: await this.endpoint.request(number) };
  }
}

/** With an endpoint of which the test sends every byte. */
export class HostileHttp2World extends World<TestEndpoint> {
  static async open(options: Partial<Http2ConnectionsOptions> = {}): Promise<HostileHttp2World> {
    return new HostileHttp2World(await TestEndpoint.open(), options);
  }

  /** Sends a request and answers the endpoint's end of its connection, once the head has arrived there. */
  async arrive(head?: UpstreamHead): Promise<SentRequest & { readonly socket: TestSocket }> {
    const sent = this.send(head);
    const socket = await this.endpoint.connection(1);
    socket.send(frame('settings', 0));
    // The first request of a connection is stream 1.
    await socket.received(`\x01${head?.body === 'length' ? '\x04' : '\x05'}\x00\x00\x00\x01`);
    return { ...sent, socket };
  }
}

/** The head of a response on the first stream. */
export const responseHead = (block: string, flags = 0): string =>
  frame('headers', 1, END_HEADERS | flags, block);
