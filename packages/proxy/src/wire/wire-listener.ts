import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, silentLogger, sleep, type Ticker, type Ticking } from '@holdfast/shared';
import type { ListenAddress, ListenerConfig } from '@holdfast/shared/config';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import { listenOn } from '../listener/listen-on.ts';
import type { Listener } from '../listener/listener.ts';
import { DirectSocket } from '../socket/direct-read.ts';
import type { TlsTermination } from '../tls/tls-termination.ts';
import { Admission, type AdmissionEvents, type AdmissionRules } from './admission.ts';
import { ClientConnections } from './client-connections.ts';
import type { Refusal } from './refusal.ts';
import { WireConnection, type WireHost } from './wire-connection.ts';

export interface WireListenerOptions {
  readonly config: ListenerConfig;
  /** Takes over each request. */
  readonly handle: (exchange: Exchange) => void;
  /** Hears of requests that were refused before they could be handed over; answers with an id for each. */
  readonly refused: (refusal: Refusal, peer: Peer) => string;
  /** Of an https listener. */
  readonly tls?: TlsTermination | undefined;
  readonly ticker: Ticker;
  readonly clock: Clock;
  /** Default: nothing is told. */
  readonly log?: Logger;
}

/** How long connections without a request are kept once the listener has closed, in case a request is on its way. */
const LINGER_MS = 500;
const SWEEP_MS = 50;

/** A listener on Holdfast's own HTTP/1.1 server. */
export class WireListener implements Listener, WireHost, AdmissionEvents, Ticking {
  readonly name: string;
  readonly ticker: Ticker;
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly handle: (exchange: Exchange) => void;
  readonly refused: (refusal: Refusal, peer: Peer) => string;
  isLeaving = false;

  readonly #config: ListenerConfig;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #tls: TlsTermination | undefined;
  readonly #rules: AdmissionRules;
  readonly #isDirect: boolean;
  readonly #connections = new Set<WireConnection | Admission>();

  constructor(listenerOptions: WireListenerOptions) {
    const { config, handle, refused, tls, ticker, clock } = listenerOptions;
    this.name = config.name;
    this.ticker = ticker;
    this.headerTimeoutMs = config.timeouts.header;
    this.idleTimeoutMs = config.timeouts.idle;
    this.stallTimeoutMs = config.timeouts.stall;
    this.handle = handle;
    this.refused = refused;
    this.#config = config;
    this.#clock = clock;
    this.#tls = tls;
    this.#rules = admissionRules(listenerOptions);
    // What comes before the first request, a PROXY header or a handshake, is read as a stream.
    this.#isDirect = !config.proxyProtocol && tls === undefined;
    const options = { noDelay: true, allowHalfOpen: true, pauseOnConnect: this.#isDirect };
    this.#server = createServer(options, (socket) => this.#accept(socket));
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  open(): Promise<ListenAddress> {
    this.ticker.add(this);
    this.#tls?.open();
    return listenOn(this.#server, this.#config.listen);
  }

  leave(): void {
    this.isLeaving = true;
  }

  async close(deadlineMs: number): Promise<void> {
    this.leave();
    this.#server.close();
    const startedAtMs = this.#clock.elapsed();
    const passedMs = (): number => this.#clock.elapsed() - startedAtMs;
    while (this.#connections.size > 0 && passedMs() < deadlineMs) {
      // A request may be arriving at this moment on a connection that looks idle: it is waited for a little.
      if (passedMs() >= LINGER_MS) this.#endIdle();
      await sleep(this.#clock, SWEEP_MS);
    }
    const told = [...this.#connections].filter((connection) => connection.goAway());
    if (told.length > 0 && deadlineMs > 0) await sleep(this.#clock, SWEEP_MS);
    this.abort();
  }

  abort(): void {
    this.ticker.remove(this);
    this.#tls?.close();
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
    if (this.#connections.size >= this.#config.limits.connections) {
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

function admissionRules({ config, tls, ticker, log = silentLogger }: WireListenerOptions): AdmissionRules {
  const { connectionsPerClient } = config.limits;
  return {
    listener: config.name,
    headerTimeoutMs: config.timeouts.header,
    proxyProtocol: config.proxyProtocol,
    trustedProxies: new TrustedProxies(config.trustedProxies),
    clients: connectionsPerClient === undefined ? undefined : new ClientConnections(connectionsPerClient),
    tls,
    ticker,
    log,
  };
}
