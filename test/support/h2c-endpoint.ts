import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { behaviours } from './endpoint-behaviours.ts';
import type { EndpointAddress } from './node-config.ts';

/** An endpoint in this process that speaks HTTP/2 without TLS, and answers by path (`endpoint-behaviours.ts`). */
export class H2cEndpoint {
  readonly id: string;
  readonly sessions = new Set<ServerHttp2Session>();
  /** Requests that came, by their `X-Unique-Id`. */
  readonly seen: string[] = [];
  /** Of those, the ones that ended before their answer did. */
  readonly brokenOff: string[] = [];
  readonly #server: Http2Server;

  static async start(id: string): Promise<H2cEndpoint> {
    const server = createServer();
    const endpoint = new H2cEndpoint(id, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  private constructor(id: string, server: Http2Server) {
    this.id = id;
    this.#server = server;
    server.on('session', (session) => {
      this.sessions.add(session);
      session.on('error', () => {});
      session.on('close', () => this.sessions.delete(session));
    });
    server.on('request', (request, response) => this.#answer(request, response));
  }

  get address(): EndpointAddress {
    const { port } = this.#server.address() as AddressInfo;
    return { id: this.id, url: `h2c://127.0.0.1:${port}` };
  }

  /** Stops to accept, and breaks off every connection. */
  close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url, 'http://endpoint');
    const uniqueId = request.headers['x-unique-id'];
    if (typeof uniqueId === 'string') this.seen.push(uniqueId);
    request.stream.on('error', () => {});
    request.stream.on('aborted', () => this.brokenOff.push(String(uniqueId)));
    response.setHeader('X-Served-By', this.id);
    const moved = request.headers['holdfast-session-moved'];
    if (moved !== undefined) response.setHeader('X-Saw-Moved', moved);
    const only = searchParams.get('only');
    if (pathname === '/reset' && (only ?? this.id) === this.id)
      return request.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    if (pathname === '/truncate') return truncate(response, searchParams);
    if (pathname === '/grpc') return answerCall(request, response, searchParams);
    const behaviour = behaviours[pathname];
    if (behaviour === undefined || pathname === '/reset') return void response.end('ok\n');
    // Node's requests of HTTP/2 are made to be used as those of HTTP/1.
    const answered = behaviour(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
      searchParams,
    );
    // A request that breaks off on its way in leaves nobody to answer.
    answered?.catch(() => request.stream.close(constants.NGHTTP2_CANCEL));
  }
}

/** Half of an answer; `?framing=chunked` without telling how many bytes it was to have. */
function truncate(response: Http2ServerResponse, parameters: URLSearchParams): void {
  if (parameters.get('framing') !== 'chunked') response.setHeader('Content-Length', 100_000);
  response.write('x'.repeat(50_000), () => response.stream.close(constants.NGHTTP2_INTERNAL_ERROR));
}

/** As a gRPC server does: each piece of the call comes back at once, the outcome in trailers, or in the only head. */
function answerCall(
  { stream }: Http2ServerRequest,
  _response: Http2ServerResponse,
  parameters: URLSearchParams,
): void {
  if (parameters.has('fail')) {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' },
      { endStream: true },
    );
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  // The trailers are this test's: those that the response of Node would send are none.
  stream.removeAllListeners('wantTrailers');
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }));
  stream.pipe(stream);
}
