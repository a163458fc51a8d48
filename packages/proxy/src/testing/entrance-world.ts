import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { eventually } from '@holdfast/store/testing';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { Certificates } from '../tls/certificates.ts';
import { TlsTermination } from '../tls/tls-termination.ts';
import { WireListener, type WireListenerOptions } from '../wire/wire-listener.ts';
import { LogBook } from './log-book.ts';
import { TestSocket } from './test-socket.ts';
import { authorityPem } from './tls/certificates.ts';
import { listenerConfig } from './wire-world.ts';

export const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** A TLS connection of a test, after its handshake. */
export interface SecuredClient {
  readonly client: TestSocket;
  readonly tls: TLSSocket;
  /** The common name of the certificate that the listener has shown; empty where it showed none. */
  readonly shown: string;
}

/** A listener on a real socket that answers every request with `welcome`, for tests of who comes in and as whom. */
export class EntranceWorld {
  readonly clock: ManualClock;
  readonly log: LogBook;
  readonly listener: WireListener;
  /** Whose each request was. */
  readonly peers: Peer[] = [];
  /** Whether requests wait for {@link answerHeld}. */
  holdsAnswers = false;
  readonly #clients: TestSocket[] = [];
  readonly #held: Exchange[] = [];
  #port = 0;

  /** @param settings of the listener, as a configuration file gives them */
  static async open(settings: object = {}): Promise<EntranceWorld> {
    const clock = new ManualClock();
    const log = new LogBook();
    const config = listenerConfig(settings);
    const { name, tls } = config;
    const certificates = tls && (await Certificates.open(tls, { listener: name, clock, log }));
    const termination = certificates && new TlsTermination(certificates, log, name);
    const world = new EntranceWorld({ config, clock, log, tls: termination });
    world.#port = (await world.listener.open()).port;
    return world;
  }

  private constructor(
    parts: Omit<WireListenerOptions, 'handle' | 'refused' | 'ticker'> & { clock: ManualClock; log: LogBook },
  ) {
    this.clock = parts.clock;
    this.log = parts.log;
    this.listener = new WireListener({
      ...parts,
      ticker: new Ticker(parts.clock, 100),
      handle: (exchange) => this.#handle(exchange),
      refused: () => 'refused-1',
    });
  }

  get port(): number {
    return this.#port;
  }

  /** A client on a bare connection, which has sent these bytes. */
  async client(sent: string | Buffer = ''): Promise<TestSocket> {
    const socket = await this.#connect();
    socket.write(sent, 'latin1');
    return this.#keep(new TestSocket(socket));
  }

  /** A client that has shaken hands, and that like {@link client} is half-open. @param preamble bytes that come before TLS */
  async secured(options: ConnectionOptions = {}, preamble: string | Buffer = ''): Promise<SecuredClient> {
    const socket = await this.#connect();
    socket.write(preamble, 'latin1');
    const tls = connectTls({ socket, servername: 'shop.test', ca: authorityPem(), ...options });
    const client = this.#keep(new TestSocket(tls));
    await once(tls, 'secureConnect');
    return { client, tls, shown: String(tls.getPeerCertificate().subject?.CN ?? '') };
  }

  /** Answers what was held back, and from now on at once. */
  answerHeld(): void {
    this.holdsAnswers = false;
    for (const exchange of this.#held.splice(0)) answer(exchange);
  }

  /** Waits until the listener has turned somebody away, and answers why. */
  async reason(): Promise<string> {
    const told = () => this.log.entries.find(({ message }) => message === 'connection turned away');
    await eventually('somebody is turned away', () => told() !== undefined);
    return String(told()?.fields.reason);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.listener.close(0);
  }

  async #connect(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  }

  #keep(client: TestSocket): TestSocket {
    this.#clients.push(client);
    return client;
  }

  #handle(exchange: Exchange): void {
    this.peers.push(exchange.peer);
    if (this.holdsAnswers) this.#held.push(exchange);
    else answer(exchange);
  }
}

const WELCOME = 'welcome';

function answer(exchange: Exchange): void {
  exchange.respond({ status: 200, reason: 'OK', lines: '', contentLength: WELCOME.length });
  exchange.write(Buffer.from(WELCOME));
  exchange.end([]);
}
