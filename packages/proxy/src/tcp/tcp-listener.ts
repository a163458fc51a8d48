import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Logger, sleep, type Ticker, type Ticking } from '@holdfast/shared';
import type { ListenAddress, ListenerConfig } from '@holdfast/shared/config';
import { canonicalAddress, type Peer } from '../exchange/peer.ts';
import type { ConnectionRecorder } from '../layer4/connection-record.ts';
import { refusedRecord } from '../layer4/refused-record.ts';
import { listenOn } from '../listener/listen-on.ts';
import type { Listener } from '../listener/listener.ts';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';
import { DirectSocket } from '../socket/direct-read.ts';
import type { SocketSource } from '../socket/socket-source.ts';
import { Admission, type AdmissionEvents, type AdmissionRules } from '../wire/admission.ts';
import { admissionRulesOf } from '../wire/admission-rules.ts';
import { ClientConnections } from '../wire/client-connections.ts';
import { LANE_BYTES } from './lane.ts';
import { peekServerName } from './peek-server-name.ts';
import { relayRead } from './relay-read.ts';
import { type RelayHost, TcpRelay } from './tcp-relay.ts';
import type { TcpRoutes } from './tcp-routes.ts';

/** What a tcp listener does with its clients. All of it may be replaced while it accepts. */
export interface TcpListenerSettings {
  readonly config: ListenerConfig;
  readonly routes: TcpRoutes;
}

export interface TcpListenerOptions extends TcpListenerSettings {
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly recorder: ConnectionRecorder;
  readonly sockets: SocketSource;
  readonly log: Logger;
}

const SWEEP_MS = 50;

/** An admitted client whose route is still looked for. */
class Peeking {
  readonly socket: Socket;
  readonly deadlineTick: number;

  constructor(socket: Socket, deadlineTick: number) {
    this.socket = socket;
    this.deadlineTick = deadlineTick;
  }

  destroy(): void {
    this.socket.destroy();
  }

  tick(now: number): void {
    if (now >= this.deadlineTick) this.destroy();
  }
}

/** A listener that carries bytes, whatever they mean. */
export class TcpListener implements Listener, RelayHost, AdmissionEvents, Ticking {
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: ConnectionRecorder;
  readonly #sockets: SocketSource;
  readonly #server: Server;
  readonly #isDirect: boolean;
  readonly #connections = new Set<Admission | Peeking | TcpRelay>();
  readonly #clients = new ClientConnections(Number.POSITIVE_INFINITY);
  #settings: TcpListenerSettings;
  #rules: AdmissionRules;

  constructor(options: TcpListenerOptions) {
    const { config, ticker, clock, log, recorder, sockets } = options;
    this.ticker = ticker;
    this.clock = clock;
    this.log = log;
    this.recorder = recorder;
    this.#sockets = sockets;
    this.#settings = options;
    this.#rules = admissionRulesOf(this.#admitting(options), this.#clients, ticker, log);
    // A PROXY header is read as a stream.
    this.#isDirect = !config.proxyProtocol;
    const socketOptions = { noDelay: true, allowHalfOpen: true, pauseOnConnect: true };
    this.#server = createServer(socketOptions, (socket) => this.#accept(socket));
  }

  get name(): string {
    return this.#settings.config.name;
  }

  get idleTimeoutMs(): number {
    return this.#settings.config.timeouts.idle;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  open(): Promise<ListenAddress> {
    this.ticker.add(this);
    const { name, listen } = this.#settings.config;
    return listenOn(this.#server, name, listen, this.#sockets);
  }

  reconfigure(settings: TcpListenerSettings): void {
    this.#settings = settings;
    this.#rules = admissionRulesOf(this.#admitting(settings), this.#clients, this.ticker, this.log);
  }

  /** There is no word of TCP by which clients are asked to come back elsewhere. */
  leave(): void {}

  async close(deadlineMs: number): Promise<void> {
    this.#server.close();
    const startedAtMs = this.clock.elapsed();
    while (this.#connections.size > 0 && this.clock.elapsed() - startedAtMs < deadlineMs)
      await sleep(this.clock, SWEEP_MS);
    this.abort();
  }

  abort(): void {
    this.ticker.remove(this);
    for (const connection of this.#connections) connection.destroy();
  }

  tick(now: number): void {
    for (const connection of this.#connections) {
      if (!(connection instanceof Admission)) connection.tick(now);
      else if (now >= connection.deadlineTick) connection.expire();
    }
  }

  removed(relay: TcpRelay): void {
    this.#connections.delete(relay);
  }

  admitted(admission: Admission, socket: Socket, peer: Peer): void {
    this.#connections.delete(admission);
    const ends = endsOf(admission, socket, peer);
    const { routes, config } = this.#settings;
    if (!routes.goByName) return this.#relay(socket, ends, undefined, Buffer.alloc(0));
    const peeking = new Peeking(socket, this.ticker.deadline(config.timeouts.header));
    this.#connections.add(peeking);
    socket.once('close', () => this.#connections.delete(peeking));
    peekServerName(socket, {
      known: (serverName, early) => {
        this.#connections.delete(peeking);
        this.#relay(socket, ends, serverName, early);
      },
      failed: (reason) => {
        this.log.debug({ listener: this.name, peer: ends.client.address, reason }, 'connection turned away');
        peeking.destroy();
      },
    });
  }

  turnedAway(admission: Admission): void {
    this.#connections.delete(admission);
  }

  #admitting({ config }: TcpListenerSettings): { readonly config: ListenerConfig; readonly tls: undefined } {
    return { config, tls: undefined };
  }

  #accept(accepted: Socket): void {
    if (this.#connections.size >= this.#settings.config.limits.connections) {
      accepted.destroy();
      return;
    }
    const socket = this.#isDirect ? new DirectSocket(accepted, relayRead, LANE_BYTES) : accepted;
    const admission = new Admission(socket, this.#rules, this);
    this.#connections.add(admission);
    admission.start();
  }

  #relay(socket: Socket, ends: Ends, serverName: string | undefined, early: Buffer): void {
    const passage = this.#settings.routes.find(serverName);
    if (passage === undefined) {
      socket.resetAndDestroy();
      const known = { protocol: 'tcp', listener: this.name, serverName } as const;
      this.recorder.connectionFinished(refusedRecord(known, ends.client, 'DOWNSTREAM_NO_ROUTE'));
      return;
    }
    const relay = new TcpRelay({ socket, ...ends, serverName, early }, passage, this);
    this.#connections.add(relay);
    relay.begin();
  }
}

/** Who came, and where to. */
interface Ends {
  readonly client: TransportAddress;
  readonly destination: TransportAddress;
}

/** By the word of a trusted proxy where there is one, else as the socket has it. */
function endsOf({ header }: Admission, socket: Socket, peer: Peer): Ends {
  if (header?.kind === 'proxied') return { client: header.source, destination: header.destination };
  return {
    client: { address: peer.address, port: socket.remotePort ?? 0 },
    destination: { address: canonicalAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
  };
}
