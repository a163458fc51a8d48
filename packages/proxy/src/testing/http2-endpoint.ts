import {
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { eventually } from '@holdfast/store/testing';

/** A request as it has arrived at an endpoint that speaks HTTP/2; the test answers on its stream. */
export class ArrivedRequest {
  readonly stream: ServerHttp2Stream;
  /** Names and values in turn, as received. */
  readonly list: readonly string[];
  body = '';
  trailers: readonly string[] = [];
  hasEnded = false;
  isClosed = false;

  constructor(stream: ServerHttp2Stream, list: readonly string[]) {
    this.stream = stream;
    this.list = list;
    stream.on('trailers', (_fields, _flags, trailers) => {
      this.trailers = trailers as unknown as string[];
    });
    stream.on('data', (chunk: Buffer) => {
      this.body += chunk.toString('latin1');
    });
    stream.on('end', () => {
      this.hasEnded = true;
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      this.isClosed = true;
    });
  }

  /** Answers with this text and these fields, names and values in turn. */
  answer(text = 'done', fields: readonly string[] = []): void {
    const options = { endStream: false, sendDate: false };
    this.stream.respond([':status', '200', ...fields], options);
    this.stream.end(text);
  }
}

/** A real HTTP/2 server without TLS, whose requests the test answers. */
export class Http2Endpoint {
  readonly sessions: ServerHttp2Session[] = [];
  readonly requests: ArrivedRequest[] = [];
  readonly #server: Http2Server;

  static async open(options: ServerOptions = {}): Promise<Http2Endpoint> {
    const lenient = { strictSingleValueFields: false };
    const server = createServer({ ...lenient, ...options });
    const endpoint = new Http2Endpoint(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  private constructor(server: Http2Server) {
    this.#server = server;
    server.on('session', (session) => {
      this.sessions.push(session);
      session.on('error', () => {});
    });
    server.on('stream', (stream, _fields, _flags, list) => {
      const own = stream as ServerHttp2Stream;
      this.requests.push(new ArrivedRequest(own, list as unknown as string[]));
    });
  }

  get origin(): string {
    return `h2c://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The request of that number, from 1, once it has arrived. */
  async request(number = 1): Promise<ArrivedRequest> {
    await eventually(`request ${number}`, () => this.requests.length >= number);
    return this.requests[number - 1] as ArrivedRequest;
  }

  /** Stops to accept, and ends every connection. */
  close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
