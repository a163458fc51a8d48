import type { Socket } from 'node:net';
import { type Clock, sleep, type Ticker } from '@holdfast/shared';
import type { ListenAddress } from '@holdfast/shared/config';
import { Entrance, type EntranceEnvironment, type EntranceHost } from '../entrance/entrance.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { HttpListener, ListenerSettings } from '../listener/listener.ts';
import { DirectSocket } from '../socket/direct-read.ts';
import type { Refusal } from './refusal.ts';
import { WireConnection, type WireHost } from './wire-connection.ts';

export interface WireListenerOptions extends ListenerSettings, EntranceEnvironment {}

/** How long the word that the node leaves may take to go out. */
const FAREWELL_MS = 50;

/** A listener on Holdfast's own HTTP/1.1 server. */
export class WireListener implements HttpListener, WireHost, EntranceHost {
  readonly ticker: Ticker;
  readonly readerOf: EntranceHost['readerOf'];
  isLeaving = false;

  readonly #clock: Clock;
  readonly #entrance: Entrance;
  readonly #connections = new Set<WireConnection>();
  #settings: ListenerSettings;

  constructor(options: WireListenerOptions) {
    const { config, tls, ticker, clock } = options;
    this.ticker = ticker;
    this.#clock = clock;
    this.#settings = options;
    // What comes before the first request, a PROXY header or a handshake, is read as a stream.
    const isDirect = !config.proxyProtocol && tls === undefined;
    this.readerOf = isDirect ? (accepted) => new DirectSocket(accepted) : undefined;
    this.#entrance = new Entrance(this, options, options);
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
    return this.#entrance.openConnections;
  }

  get admittedConnections(): number {
    return this.#connections.size;
  }

  open(): Promise<ListenAddress> {
    return this.#entrance.open();
  }

  reconfigure(settings: ListenerSettings): void {
    this.#settings = settings;
    this.#entrance.reconfigure(settings);
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

  async close(deadlineMs: number, lingerMs?: number): Promise<void> {
    this.leave();
    await this.#entrance.close(deadlineMs, lingerMs);
    const told = [...this.#connections].filter((connection) => connection.goAway());
    if (told.length > 0 && deadlineMs > 0) await sleep(this.#clock, FAREWELL_MS);
    this.abort();
  }

  abort(): void {
    this.#entrance.abort();
    for (const connection of this.#connections) connection.destroy();
  }

  tick(now: number): void {
    for (const connection of this.#connections) if (now >= connection.deadlineTick) connection.expire();
  }

  admitted(socket: Socket, peer: Peer): void {
    this.#connections.add(new WireConnection(socket, peer, this));
  }

  removed(connection: WireConnection): void {
    this.#connections.delete(connection);
  }

  endIdle(): void {
    for (const connection of this.#connections) if (connection.isIdle) connection.destroy();
  }
}
