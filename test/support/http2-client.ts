import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { HoldfastError } from '@holdfast/shared';
import { authorityPem } from '../../packages/proxy/src/testing/tls/certificates.ts';
import type { ClientRequest, ClientResponse, Sender } from './http-client.ts';

/** A client that speaks HTTP/2 over TLS, with one connection and no retries of its own. */
export class Http2Client implements Sender {
  readonly session: ClientHttp2Session;
  /** The code of a GOAWAY that has come. */
  dismissed: number | undefined;

  /** @param port of a listener of this machine, which it knows as shop.test */
  constructor(port: number) {
    this.session = connect(`https://127.0.0.1:${port}`, { servername: 'shop.test', ca: authorityPem() });
    this.session.on('error', () => {});
    this.session.on('goaway', (code) => {
      this.dismissed = code;
    });
  }

  /** Begins a request; its body is for the caller to write. */
  open(
    { path = '/', method = 'GET', headers = {} }: ClientRequest = {},
    endStream = false,
  ): ClientHttp2Stream {
    const stream = this.session.request(
      { ':path': path, ':method': method, ':authority': 'shop.test', ...headers },
      { endStream },
    );
    stream.on('error', () => {});
    return stream;
  }

  send(request: ClientRequest = {}): Promise<ClientResponse> {
    const stream = this.open(request, request.body === undefined);
    if (request.body !== undefined) stream.end(request.body);
    return responseOf(stream);
  }

  close(): void {
    this.session.destroy();
  }
}

/** A response, read to its end. Rejects if its stream ends before. */
export function responseOf(stream: ClientHttp2Stream): Promise<ClientResponse> {
  const interim: number[] = [];
  const body: Buffer[] = [];
  let head: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on('headers', (fields) => interim.push(fields[':status'] ?? 0));
  stream.on('response', (fields) => {
    head = fields;
  });
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  stream.on('data', (chunk: Buffer) => body.push(chunk));
  return new Promise((resolve, reject) => {
    stream.on('close', () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || head[':status'] === undefined)
        return reject(new HoldfastError('INTERNAL', `stream ended with code ${stream.rstCode}`));
      resolve({
        status: head[':status'],
        headers: joined(head),
        setCookies: head['set-cookie'] ?? [],
        body: Buffer.concat(body).toString(),
        trailers: joined(trailers),
        interim,
      });
    });
  });
}

const joined = (fields: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
