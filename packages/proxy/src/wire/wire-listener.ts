import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, silentLogger, sleep, type Ticker, type Ticking } from '@holdfast/shared';
import type { ListenAddress } from '@holdfast/shared/config';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { listenOn } from '../listener/listen-on.ts';
import type { HttpListener, ListenerSettings } from '../listener/listener.ts';
import { DirectSocket } from '../socket/direct-read.ts';
import { ownSockets, type SocketSource } from '../socket/socket-source.ts';
import { Admission, type AdmissionEvents, type AdmissionRules } from './admission.ts';
import { admissionRulesOf } from './admission-rules.ts';
import { ClientConnections } from './client-connections.ts';
import type { Refusal } from './refusal.ts';
import { WireConnection, type WireHost } from './wire-connection.ts';

export interface WireListenerOptions extends ListenerSettings {
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

/** A listener on Holdfast's own HTTP/1.1 server. */
export class WireListener implements HttpListener, WireHost, AdmissionEvents, Ticking {
  readonly ticker: Ticker;
  isLeaving = false;

  readonly #clock: Clock;
  readonly #sockets: SocketSource;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #isDirect: boolean;
  readonly #connections = new Set<WireConnection | Admission>();
  readonly #clients = new ClientConnections(Number.POSITIVE_INFINITY);
  #settings: ListenerSettings;
  #rules: AdmissionRules;

  constructor(options: WireListenerOptions) {
    const { config, tls, ticker, clock, sockets = ownSockets, log = silentLogger } = options;
    this.ticker = ticker;
    this.#clock = clock;
    this.#sockets = sockets;
    this.#log = log;
    this.#settings = options;
    this.#rules = admissionRulesOf(options, this.#clients, ticker, log);
    // What comes before the first request, a PROXY header or a handshake, is read as a stream.
    this.#isDirect = !config.proxyProtocol && tls === undefined;
    const socketOptions = { noDelay: true, allowHalfOpen: true, pauseOnConnect: this.#isDirect };
    this.#server = createServer(socketOptions, (socket) => this.#accept(socket));
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
    return this.#connections.size;
  }

  open(): Promise<ListenAddress> {
    this.ticker.add(this);
    this.#settings.tls?.open();
    const { name, listen } = this.#settings.config;
    return listenOn(this.#server, name, listen, this.#sockets);
  }

  reconfigure(settings: ListenerSettings): void {
    this.#settings.tls?.close();
    this.#settings = settings;
    this.#rules = admissionRulesOf(settings, this.#clients, this.ticker, this.#log);
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
  }

  async close(deadlineMs: number, lingerMs = LINGER_MS): Promise<void> {
    this.leave();
    this.#server.close();
    const startedAtMs = this.#clock.elapsed();
    const passedMs = (): number => this.#clock.elapsed() - startedAtMs;
    while (this.#connections.size > 0 && passedMs() < deadlineMs) {
      // A request may be arriving at this moment on a connection that looks idle: it is waited for a little.
      if (passedMs() >= lingerMs) this.#endIdle();
      await sleep(this.#clock, SWEEP_MS);
    }
    const told = [...this.#connections].filter((connection) => connection.goAway());
    if (told.length > 0 && deadlineMs > 0) await sleep(this.#clock, SWEEP_MS);
    this.abort();
  }

  abort(): void {
    this.ticker.remove(this);
    this.#settings.tls?.close();
    for (const connection of this.#connections) connection.destroy();
  }

  tick(now: number): void {
    for (const connection of this.#connections) if (now >= connection.deadlineTick) connection.expire();
  }

  removed(connection: WireConnection): void {
    this.#connections.delete(connection);
  }

  admitted(admission: Admission, socket: Socket, peer: Peer): void {
    this.#connections.delete(admission);
    this.#connections.add(new WireConnection(socket, peer, this));
  }

  turnedAway(admission: Admission): void {
    this.#connections.delete(admission);
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= this.#settings.config.limits.connections) {
      socket.destroy();
      return;
    }
    const admission = new Admission(this.#isDirect ? new DirectSocket(socket) : socket, this.#rules, this);
    this.#connections.add(admission);
    admission.start();
  }

  #endIdle(): void {
    for (const connection of this.#connections) if (connection.isIdle) connection.destroy();
  }
}
