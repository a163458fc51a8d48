import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, silentLogger, sleep, type Ticker, type Ticking } from '@holdfast/shared';
import type { ListenAddress } from '@holdfast/shared/config';
import type { Peer } from '../exchange/peer.ts';
import type { ProxyHeader } from '../proxy-protocol/proxy-header.ts';
import { ownSockets, type SocketSource } from '../socket/socket-source.ts';
import { Admission, type AdmissionEvents, type AdmissionRules } from './admission.ts';
import { admissionRulesOf, type EntranceSettings } from './admission-rules.ts';
import { ClientConnections } from './client-connections.ts';
import { listenOn } from './listen-on.ts';

/** What an entrance is given by whoever puts the node together. */
export interface EntranceEnvironment {
  readonly ticker: Ticker;
  readonly clock: Clock;
  /** Where its socket comes from. Default: it binds its own. */
  readonly sockets?: SocketSource;
  /** Default: nothing is told. */
  readonly log?: Logger;
}

/** Who takes in the connections of an entrance. */
export interface EntranceHost extends Ticking {
  /** How many of the connections that it was given are open. */
  readonly admittedConnections: number;
  /**
   * What the rest of the program reads and writes in place of the socket that was accepted; nothing has been read of it.
   * Absent: that socket, from which reading begins at once.
   */
  readonly readerOf?: ((accepted: Socket) => Socket) | undefined;
  /** A connection may send requests. @param header what a trusted proxy has said of it */
  admitted(socket: Socket, peer: Peer, header: ProxyHeader | undefined): void;
  /** Ends the connections on which nothing is under way. */
  endIdle(): void;
}

const SWEEP_MS = 50;
/** How long connections without a request are kept once the entrance has closed, in case a request is on its way. */
const LINGER_MS = 500;

/** The socket on which a listener accepts, and the connections that have come in by it and are not admitted yet. */
export class Entrance implements AdmissionEvents, Ticking {
  readonly #host: EntranceHost;
  readonly #ticker: Ticker;
  readonly #clock: Clock;
  readonly #sockets: SocketSource;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #admissions = new Set<Admission>();
  readonly #clients = new ClientConnections(Number.POSITIVE_INFINITY);
  #settings: EntranceSettings;
  #rules: AdmissionRules;

  constructor(host: EntranceHost, settings: EntranceSettings, environment: EntranceEnvironment) {
    const { ticker, clock, sockets = ownSockets, log = silentLogger } = environment;
    this.#host = host;
    this.#ticker = ticker;
    this.#clock = clock;
    this.#sockets = sockets;
    this.#log = log;
    this.#settings = settings;
    this.#rules = admissionRulesOf(settings, this.#clients, ticker, log);
    const options = { noDelay: true, allowHalfOpen: true, pauseOnConnect: host.readerOf !== undefined };
    this.#server = createServer(options, (socket) => this.#accept(socket));
  }

  /** Connections that are open now, admitted or not. */
  get openConnections(): number {
    return this.#admissions.size + this.#host.admittedConnections;
  }

  /** Starts to accept. Rejects if the address cannot be had. */
  open(): Promise<ListenAddress> {
    this.#ticker.add(this);
    this.#settings.tls?.open();
    const { name, listen } = this.#settings.config;
    return listenOn(this.#server, name, listen, this.#sockets);
  }

  /** Goes by these settings from the next connection. */
  reconfigure(settings: EntranceSettings): void {
    this.#settings.tls?.close();
    this.#settings = settings;
    this.#rules = admissionRulesOf(settings, this.#clients, this.#ticker, this.#log);
    settings.tls?.open();
  }

  /** Stops to accept and waits until no connection is left, or the deadline, in milliseconds from now, has come. */
  async close(deadlineMs: number, lingerMs = LINGER_MS): Promise<void> {
    this.#server.close();
    const startedAtMs = this.#clock.elapsed();
    const passedMs = (): number => this.#clock.elapsed() - startedAtMs;
    while (this.openConnections > 0 && passedMs() < deadlineMs) {
      // A request may be arriving at this moment on a connection that looks idle: it is waited for a little.
      if (passedMs() >= lingerMs) this.#endIdle();
      await sleep(this.#clock, SWEEP_MS);
    }
  }

  /** Lets nobody in any more who has not been admitted, and looks at no deadlines. */
  abort(): void {
    this.#ticker.remove(this);
    this.#settings.tls?.close();
    for (const admission of this.#admissions) admission.destroy();
  }

  tick(now: number): void {
    for (const admission of this.#admissions) if (now >= admission.deadlineTick) admission.expire();
    this.#host.tick(now);
  }

  admitted(admission: Admission, socket: Socket, peer: Peer): void {
    this.#admissions.delete(admission);
    this.#host.admitted(socket, peer, admission.header);
  }

  turnedAway(admission: Admission): void {
    this.#admissions.delete(admission);
  }

  #accept(accepted: Socket): void {
    if (this.openConnections >= this.#settings.config.limits.connections) {
      accepted.destroy();
      return;
    }
    const socket = this.#host.readerOf?.(accepted) ?? accepted;
    const admission = new Admission(socket, this.#rules, this);
    this.#admissions.add(admission);
    admission.start();
  }

  #endIdle(): void {
    for (const admission of this.#admissions) admission.destroy();
    this.#host.endIdle();
  }
}
