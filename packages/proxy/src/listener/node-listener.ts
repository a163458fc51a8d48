import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ListenAddress } from '@holdfast/shared/config';
import { Entrance, type EntranceEnvironment, type EntranceHost } from '../entrance/entrance.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { HttpListener, ListenerSettings } from './listener.ts';
import type { Http1Host } from './node-http1-connection.ts';
import { NodeHttp1Server } from './node-http1-server.ts';
import type { Http2Host } from './node-http2-connection.ts';
import { NodeHttp2Server } from './node-http2-server.ts';

export interface NodeListenerOptions extends ListenerSettings, EntranceEnvironment {}

/** A listener on Node's HTTP servers: HTTP/1.1, and HTTP/2 with clients that choose it in the TLS handshake. */
export class NodeListener implements HttpListener, Http1Host, Http2Host, EntranceHost {
  readonly ticker: NodeListenerOptions['ticker'];
  isLeaving = false;

  readonly #entrance: Entrance;
  readonly #http1: NodeHttp1Server;
  readonly #http2: NodeHttp2Server;
  readonly #sockets = new Set<Socket>();
  #settings: ListenerSettings;

  constructor(options: NodeListenerOptions) {
    const { config, ticker, clock } = options;
    this.ticker = ticker;
    this.#settings = options;
    this.#http1 = new NodeHttp1Server(config.timeouts, this, clock);
    this.#http2 = new NodeHttp2Server(this);
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
    return this.#sockets.size;
  }

  open(): Promise<ListenAddress> {
    return this.#entrance.open();
  }

  reconfigure(settings: ListenerSettings): void {
    this.#settings = settings;
    this.#entrance.reconfigure(settings);
    this.#http1.reconfigure(settings.config.timeouts);
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

  async close(deadlineMs: number, lingerMs?: number): Promise<void> {
    this.leave();
    await this.#entrance.close(deadlineMs, lingerMs);
    this.abort();
  }

  abort(): void {
    this.#entrance.abort();
    for (const socket of this.#sockets) socket.destroy();
    // Node tells of their end later, when what the requests were forwarded to may be closed already.
    this.#http1.ended();
    this.#http2.ended();
  }

  tick(now: number): void {
    this.#http2.tick(now);
  }

  admitted(socket: Socket, peer: Peer): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') this.#http2.serve(socket, peer);
    else this.#http1.serve(socket, peer);
  }

  endIdle(): void {
    this.#http1.endIdle();
    this.#http2.finish();
  }
}
