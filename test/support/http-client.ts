import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

/** A request of a test. */
export interface ClientRequest {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** A response, read to its end. */
export interface ClientResponse {
  readonly status: number;
  /** By name in lower case; a field that came several times is joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Every `Set-Cookie` value, in order. */
  readonly setCookies: readonly string[];
  readonly body: string;
  readonly trailers: Readonly<Record<string, string | undefined>>;
  /** Statuses of interim responses. */
  readonly interim: readonly number[];
}

/** Who gets a request answered: a client of one node, or one that finds a node first. */
export interface Sender {
  /** Rejects only if there is no complete response; every status is an answer. */
  send(request?: ClientRequest): Promise<ClientResponse>;
}

/** How long a test waits for one answer before it counts as lost. */
const PATIENCE_MS = 30_000;

/** A client of one address, with kept connections and no retries of its own. */
export class HttpClient implements Sender {
  readonly origin: string;
  readonly #pool: Pool;

  /** @param localAddress whom it comes from: any 127.x.x.x is an address of this machine */
  constructor(origin: string, connections = 64, localAddress?: string) {
    this.origin = origin;
    this.#pool = new Pool(origin, {
      ...(localAddress !== undefined && { localAddress }),
      connections,
      pipelining: 1,
      headersTimeout: PATIENCE_MS,
      bodyTimeout: PATIENCE_MS,
    });
  }

  send({ path = '/', method = 'GET', headers, body }: ClientRequest = {}): Promise<ClientResponse> {
    return new Promise((resolve, reject) => {
      const options = {
        path,
        method: method as Dispatcher.HttpMethod,
        headers: headers ?? null,
        body: body ?? null,
      };
      this.#pool.dispatch(options, new ResponseReader(resolve, reject));
    });
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Gathers one response. Handlers cost a fraction of the streams that undici's other interfaces are made of. */
class ResponseReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: ClientResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #interim: number[] = [];
  readonly #body: Buffer[] = [];
  #status = 0;
  #headers: IncomingHttpHeaders = {};

  constructor(resolve: (response: ClientResponse) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) {
      this.#interim.push(status);
      return;
    }
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#body.push(chunk);
  }

  onResponseEnd(_controller: unknown, trailers: IncomingHttpHeaders): void {
    this.#resolve({
      status: this.#status,
      headers: joined(this.#headers),
      setCookies: [this.#headers['set-cookie'] ?? []].flat(),
      body: Buffer.concat(this.#body).toString(),
      trailers: joined(trailers),
      interim: this.#interim,
    });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(error);
  }
}

type Fields = Readonly<Record<string, string | undefined>>;

function joined(headers: IncomingHttpHeaders): Fields {
  const fields: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    fields[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return fields;
}
