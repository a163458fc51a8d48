import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { EndpointAddress } from './node-config.ts';

/** A request as a raw endpoint noticed it, by its head. */
export interface NoticedRequest {
  readonly method: string;
  readonly target: string;
  /** The connection that it came on, to be answered on in any way. */
  readonly connection: EndpointSide;
}

/** Answers a request, properly or not; it is asked once for each head that has come. */
export type RawAnswer = (request: NoticedRequest) => void;

const REQUEST_LINE = /([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/;
const HEAD_END = '\r\n\r\n';

/** A complete response with that body, after which the connection goes on. */
export const okResponse = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/**
 * An endpoint made of bare sockets, in the process of the test: it sees every byte that reaches it, on which connection,
 * and says whatever the test wants.
 */
export class RawEndpoint implements EndpointAddress {
  readonly id: string;
  readonly connections: EndpointSide[] = [];
  readonly #server: Server;

  static async start(id: string, answer: RawAnswer): Promise<RawEndpoint> {
    const endpoint = new RawEndpoint(id, answer);
    await once(endpoint.#server.listen(0, '127.0.0.1'), 'listening');
    return endpoint;
  }

  private constructor(id: string, answer: RawAnswer) {
    this.id = id;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.connections.push(new EndpointSide(socket, answer));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What has come on each connection, as latin1. */
  get heard(): readonly string[] {
    return this.connections.map(({ received }) => received);
  }

  /** All that has come, over all connections in turn, as latin1. */
  get received(): string {
    return this.heard.join('\n');
  }

  /** How often that text has come, in whatever place. */
  timesReceived(text: string): number {
    return this.received.split(text).length - 1;
  }

  /** The connection on which the request for that target came first. */
  connectionOf(target: string): EndpointSide | undefined {
    return this.connections.find(({ received }) => received.includes(` ${target} HTTP/1.1\r\n`));
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    if (this.#server.listening) await once(this.#server.close(), 'close');
  }
}

/** The endpoint's side of one connection. */
export class EndpointSide {
  readonly socket: Socket;
  readonly #answer: RawAnswer;
  #received = '';
  #noticedUntil = 0;
  #isEnded = false;

  constructor(socket: Socket, answer: RawAnswer) {
    this.socket = socket;
    this.#answer = answer;
    socket.on('data', (piece: Buffer) => {
      this.#received += piece.toString('latin1');
      this.#notice();
    });
    socket.on('end', () => {
      this.#isEnded = true;
    });
    socket.on('close', () => {
      this.#isEnded = true;
    });
    // A connection that the proxy resets has ended, which is all that a test asks of it.
    socket.on('error', () => {});
  }

  /** What has come so far, as latin1. */
  get received(): string {
    return this.#received;
  }

  /** Whether the proxy has ended the connection. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The targets that request lines named here, in order; a body that looks like a request counts as one. */
  get targets(): readonly string[] {
    return [...this.#received.matchAll(new RegExp(REQUEST_LINE, 'g'))].map(([, , target = '']) => target);
  }

  /** Writes text as latin1, so that any byte can be said. */
  say(text: string): void {
    this.socket.write(text, 'latin1');
  }

  #notice(): void {
    for (;;) {
      const end = this.#received.indexOf(HEAD_END, this.#noticedUntil);
      if (end === -1) return;
      const head = this.#received.slice(this.#noticedUntil, end + 2);
      this.#noticedUntil = end + HEAD_END.length;
      const [, method, target] = REQUEST_LINE.exec(head) ?? [];
      if (method !== undefined && target !== undefined) this.#answer({ method, target, connection: this });
    }
  }
}
