import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, type Logger, silentLogger, sleep, type Ticker, type Ticking } from '@holdfast/shared';
import type { ListenAddress } from '@holdfast/shared/config';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { ownSockets, type SocketSource } from '../socket/socket-source.ts';
import { Admission, type AdmissionEvents, type AdmissionRules } from '../wire/admission.ts';
import { admissionRulesOf } from '../wire/admission-rules.ts';
import { ClientConnections } from '../wire/client-connections.ts';
import type { Refusal } from '../wire/refusal.ts';
import { listenOn } from './listen-on.ts';
import type { HttpListener, ListenerSettings } from './listener.ts';
import type { Http1Host } from './node-http1-connection.ts';
import { NodeHttp1Server } from './node-http1-server.ts';
import type { Http2Host } from './node-http2-connection.ts';
import { NodeHttp2Server } from './node-http2-server.ts';

export interface NodeListenerOptions extends ListenerSettings {
  readonly ticker: Ticker;
  readonly clock: Clock;
  /** Where its socket comes from. Default: it binds its own. */
  readonly sockets?: SocketSource;
  /** Default: nothing is told. */
  readonly log?: Logger;
}

/** How long connections without a request are kept once the listener has closed, in case a request is on its way. */
const LINGER_MS = 500;
const SWEEP_MS = 50;

/** A listener on Node's HTTP servers: HTTP/1.1, and HTTP/2 with clients that choose it in the TLS handshake. */
export class NodeListener implements HttpListener, Http1Host, Http2Host, AdmissionEvents, Ticking {
  readonly ticker: Ticker;
  isLeaving = false;

  readonly #clock: Clock;
  readonly #source: SocketSource;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #http1: NodeHttp1Server;
  readonly #http2: NodeHttp2Server;
  readonly #sockets = new Set<Socket>();
  readonly #admissions = new Set<Admission>();
  readonly #clients = new ClientConnections(Number.POSITIVE_INFINITY);
  #settings: ListenerSettings;
  #rules: AdmissionRules;

  constructor(options: NodeListenerOptions) {
    const { config, ticker, clock, sockets = ownSockets, log = silentLogger } = options;
    this.ticker = ticker;
    this.#clock = clock;
    this.#source = sockets;
    this.#log = log;
    this.#settings = options;
    this.#rules = admissionRulesOf(options, this.#clients, ticker, log);
    this.#http1 = new NodeHttp1Server(config.timeouts, this, clock);
    this.#http2 = new NodeHttp2Server(this);
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get name(): string {
    return this.#settings.config.name;
  }

  get headerTimeoutMs(): number {
    return this.#settings.config.timeouts.header;
  }

  get idleTimeoutMs(): number {
    return this.#settings.config.timeouts.idle;
  }

  get stallTimeoutMs(): number {
    return this.#settings.config.timeouts.stall;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  open(): Promise<ListenAddress> {
    this.ticker.add(this);
    this.#settings.tls?.open();
    const { name, listen } = this.#settings.config;
    return listenOn(this.#server, name, listen, this.#source);
  }

  reconfigure(settings: ListenerSettings): void {
    this.#settings.tls?.close();
    this.#settings = settings;
    this.#rules = admissionRulesOf(settings, this.#clients, this.ticker, this.#log);
    this.#http1.reconfigure(settings.config.timeouts);
    settings.tls?.open();
  }

  handle(exchange: Exchange): void {
    this.#settings.handle(exchange);
  }

  refused(refusal: Refusal, peer: Peer): string {
    return this.#settings.refused(refusal, peer);
  }

  leave(): void {
    this.isLeaving = true;
    this.#http2.leave();
  }

  async close(deadlineMs: number, lingerMs = LINGER_MS): Promise<void> {
    this.leave();
    this.#server.close();
    const startedAtMs = this.#clock.elapsed();
    const passedMs = (): number => this.#clock.elapsed() - startedAtMs;
    while (this.#sockets.size > 0 && passedMs() < deadlineMs) {
      // A request may be arriving at this moment on a connection that looks idle: it is waited for a little.
      if (passedMs() >= lingerMs) this.#endIdle();
      await sleep(this.#clock, SWEEP_MS);
    }
    this.abort();
  }

  abort(): void {
    this.ticker.remove(this);
    this.#settings.tls?.close();
    for (const socket of this.#sockets) socket.destroy();
    // Node tells of their end later, when what the requests were forwarded to may be closed already.
    this.#http1.ended();
    this.#http2.ended();
  }

  tick(now: number): void {
    for (const admission of this.#admissions) if (now >= admission.deadlineTick) admission.expire();
    this.#http2.tick(now);
  }

  admitted(admission: Admission, socket: Socket, peer: Peer): void {
    this.#admissions.delete(admission);
    if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') this.#http2.serve(socket, peer);
    else this.#http1.serve(socket, peer);
  }

  turnedAway(admission: Admission): void {
    this.#admissions.delete(admission);
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= this.#settings.config.limits.connections) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const admission = new Admission(socket, this.#rules, this);
    this.#admissions.add(admission);
    admission.start();
  }

  #endIdle(): void {
    for (const admission of this.#admissions) admission.destroy();
    this.#http1.endIdle();
    this.#http2.finish();
  }
}
