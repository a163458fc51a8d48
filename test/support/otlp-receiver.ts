import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ReceivedSpan, readSpans } from './otlp-traces.ts';
import { until } from './until.ts';

/**
 * What a collector makes of what it is sent.
 *
 * - `takes`: all of it
 * - `refuses`: nothing, with a 500
 * - `hangs`: it reads, and never answers
 * - `breaks-off`: it closes the connection
 * - `babbles`: a success with a body that is no OTLP
 * - `drips`: an answer that never ends, a byte now and then
 */
export type Behaviour = 'takes' | 'refuses' | 'hangs' | 'breaks-off' | 'babbles' | 'drips';

/** What came in one request. */
export interface Export {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const DRIP_MS = 50;

/** A collector in this process that takes OTLP over HTTP, and keeps what it was sent. */
export class OtlpReceiver {
  behaviour: Behaviour = 'takes';
  /** All that came, whatever became of it. */
  readonly exports: Export[] = [];
  /** The spans that were taken. */
  readonly spans: ReceivedSpan[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(createServer());
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => void this.#receive(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** What nodes call `telemetry.otlp.endpoint`. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }

  /** The spans of a trace, once its request's own is among them: they are sent together. */
  trace(traceId: string): Promise<Trace> {
    return until(`the trace ${traceId} has arrived`, () => {
      const spans = this.spans.filter((span) => span.traceId === traceId);
      return spans.some(({ kind }) => kind === 'server') && new Trace(spans);
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    this.exports.push({ path: request.url ?? '', headers: request.headers, body });
    this.#answer(body, request, response);
  }

  #answer(body: Buffer, { url }: IncomingMessage, response: ServerResponse): void {
    switch (this.behaviour) {
      case 'takes':
        if (url === '/v1/traces') this.spans.push(...readSpans(body));
        response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
        return;
      case 'refuses':
        response.writeHead(500).end('no');
        return;
      case 'breaks-off':
        response.destroy();
        return;
      case 'babbles':
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'.repeat(1_000));
        return;
      case 'drips': {
        response.writeHead(200);
        const timer = setInterval(() => response.write('.'), DRIP_MS);
        response.once('close', () => clearInterval(timer));
        return;
      }
      case 'hangs':
    }
  }
}

/** The spans of one trace, as a tree. */
export class Trace {
  readonly spans: readonly ReceivedSpan[];

  constructor(spans: readonly ReceivedSpan[]) {
    this.spans = spans;
  }

  /** The span of the request itself. */
  get request(): ReceivedSpan {
    return this.spans.find(({ kind }) => kind === 'server') as ReceivedSpan;
  }

  /** Those of attempts at endpoints, in their order. */
  get attempts(): readonly ReceivedSpan[] {
    const { spanId } = this.request;
    return this.spans
      .filter(({ kind, parentId }) => kind === 'client' && parentId === spanId)
      .sort((one, other) => one.startMs - other.startMs);
  }

  named(name: string): readonly ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The names of the spans below that one, in the order in which they began. */
  below({ spanId }: ReceivedSpan): readonly string[] {
    return this.spans
      .filter(({ parentId }) => parentId === spanId)
      .sort((one, other) => one.startMs - other.startMs)
      .map(({ name }) => name);
  }
}
