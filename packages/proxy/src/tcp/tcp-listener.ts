import type { Socket } from 'node:net';
import type { Clock, Logger, Ticker } from '@holdfast/shared';
import type { ListenAddress, ListenerConfig } from '@holdfast/shared/config';
import { Entrance, type EntranceEnvironment, type EntranceHost } from '../entrance/entrance.ts';
import { canonicalAddress, type Peer } from '../exchange/peer.ts';
import type { ConnectionRecorder } from '../layer4/connection-record.ts';
import { refusedRecord } from '../layer4/refused-record.ts';
import type { Listener } from '../listener/listener.ts';
import type { ProxyHeader, TransportAddress } from '../proxy-protocol/proxy-header.ts';
import { DirectSocket } from '../socket/direct-read.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { peekServerName } from './peek-server-name.ts';
import { type RelayHost, TcpRelay } from './tcp-relay.ts';
import type { TcpRoutes } from './tcp-routes.ts';

/** What a tcp listener does with its clients. All of it may be replaced while it accepts. */
export interface TcpListenerSettings {
  readonly config: ListenerConfig;
  readonly routes: TcpRoutes;
}

export interface TcpListenerOptions extends TcpListenerSettings, EntranceEnvironment {
  readonly recorder: ConnectionRecorder;
  readonly log: Logger;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

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
export class TcpListener implements Listener, RelayHost, EntranceHost {
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: ConnectionRecorder;
  readonly tracer: Tracer | undefined;
  readonly readerOf: EntranceHost['readerOf'];
  readonly #entrance: Entrance;
  readonly #connections = new Set<Peeking | TcpRelay>();
  #settings: TcpListenerSettings;

  constructor(options: TcpListenerOptions) {
    const { config, ticker, clock, log, recorder } = options;
    this.ticker = ticker;
    this.clock = clock;
    this.log = log;
    this.recorder = recorder;
    this.tracer = options.tracer;
    this.#settings = options;
    // A PROXY header is read as a stream.
    this.readerOf = config.proxyProtocol ? undefined : (accepted) => new DirectSocket(accepted);
    this.#entrance = new Entrance(this, { config }, options);
  }

  get name(): string {
    return this.#settings.config.name;
  }

  get idleTimeoutMs(): number {
    return this.#settings.config.timeouts.idle;
  }

  get openConnections(): number {
    return this.#entrance.openConnections;
  }

  get admittedConnections(): number {
    return this.#connections.size;
  }

  open(): Promise<ListenAddress> {
    return this.#entrance.open();
  }

  reconfigure(settings: TcpListenerSettings): void {
    this.#settings = settings;
    this.#entrance.reconfigure({ config: settings.config });
  }

  /** There is no word of TCP by which clients are asked to come back elsewhere. */
  leave(): void {}

  async close(deadlineMs: number, lingerMs?: number): Promise<void> {
    await this.#entrance.close(deadlineMs, lingerMs);
    this.abort();
  }

  abort(): void {
    this.#entrance.abort();
    for (const connection of this.#connections) connection.destroy();
  }

  tick(now: number): void {
    for (const connection of this.#connections) connection.tick(now);
  }

  /** Nobody can tell whether something is under way on a connection. */
  endIdle(): void {}

  removed(relay: TcpRelay): void {
    this.#connections.delete(relay);
  }

  admitted(socket: Socket, peer: Peer, header: ProxyHeader | undefined): void {
    const ends = endsOf(header, socket, peer);
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
function endsOf(header: ProxyHeader | undefined, socket: Socket, peer: Peer): Ends {
  if (header?.kind === 'proxied') return { client: header.source, destination: header.destination };
  return {
    client: { address: peer.address, port: socket.remotePort ?? 0 },
    destination: { address: canonicalAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
  };
}
