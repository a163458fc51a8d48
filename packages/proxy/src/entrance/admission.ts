import type { Socket } from 'node:net';
import type { Logger, Ticker } from '@holdfast/shared';
import { canonicalAddress, Peer } from '../exchange/peer.ts';
import type { TrustedProxies } from '../forward/trusted-proxies.ts';
import type { ProxyHeader } from '../proxy-protocol/proxy-header.ts';
import { receiveProxyHeader } from '../proxy-protocol/receive-proxy-header.ts';
import type { TlsTermination } from '../tls/tls-termination.ts';
import type { ClientConnections } from './client-connections.ts';

/** What a listener asks of a connection before it takes requests from it. */
export interface AdmissionRules {
  /** The name of the listener. */
  readonly listener: string;
  /** How long everything before the first request may take. */
  readonly headerTimeoutMs: number;
  /** Whether connections begin with a PROXY protocol header, and come from trusted proxies only. */
  readonly proxyProtocol: boolean;
  readonly trustedProxies: TrustedProxies;
  /** Where connections of one client are limited. */
  readonly clients: ClientConnections | undefined;
  readonly tls: TlsTermination | undefined;
  readonly ticker: Ticker;
  readonly log: Logger;
}

/** Who is told what comes of an admission: one of the two. */
export interface AdmissionEvents {
  /** The connection may send requests. @param socket what to read and write: the TLS on it where there is TLS */
  admitted(admission: Admission, socket: Socket, peer: Peer): void;
  /** The connection has ended before it was admitted. */
  turnedAway(admission: Admission): void;
}

/**
 * An accepted connection on its way to its first request: whose it is, whether that client may have one more, and the
 * TLS handshake, in this order. What is irregular ends it without an answer.
 */
export class Admission {
  /** When it has taken too long, in ticks. */
  readonly deadlineTick: number;
  /** What a trusted proxy has said of the client, where the PROXY protocol is on. */
  header: ProxyHeader | undefined = undefined;

  readonly #socket: Socket;
  readonly #rules: AdmissionRules;
  readonly #events: AdmissionEvents;
  #isAdmitted = false;

  constructor(socket: Socket, rules: AdmissionRules, events: AdmissionEvents) {
    this.#socket = socket;
    this.#rules = rules;
    this.#events = events;
    this.deadlineTick = rules.ticker.deadline(rules.headerTimeoutMs);
  }

  /** Begins; where there is nothing to wait for, it is over when this returns. */
  start(): void {
    const { proxyProtocol, trustedProxies } = this.#rules;
    const socket = this.#socket;
    const address = canonicalAddress(socket.remoteAddress ?? '');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
    if (!proxyProtocol) this.#identified(address, socket.localPort ?? 0);
    else if (!trustedProxies.has(address)) this.#refuse('not a trusted proxy');
    else {
      receiveProxyHeader(socket, {
        received: (header) => this.#introduced(header, address),
        failed: (reason) => this.#refuse(reason),
      });
    }
  }

  /** It has taken too long. */
  expire(): void {
    this.#refuse('timed out');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #introduced(header: ProxyHeader, proxyAddress: string): void {
    this.header = header;
    if (header.kind === 'local') this.#identified(proxyAddress, this.#socket.localPort ?? 0);
    else this.#identified(header.source.address, header.destination.port);
  }

  /** @param port where the client arrived, at us or at the proxy */
  #identified(address: string, port: number): void {
    const { clients, tls } = this.#rules;
    const peer = new Peer(address, port, tls !== undefined);
    if (clients !== undefined && !this.#enter(peer.address, clients))
      return this.#refuse('too many connections');
    if (tls === undefined) this.#admit(this.#socket, peer);
    else tls.shakeHands(this.#socket, (secured) => this.#admit(secured, peer));
  }

  /** The connections of a trusted proxy are those of many clients. */
  #enter(address: string, clients: ClientConnections): boolean {
    if (this.#rules.trustedProxies.has(address)) return true;
    const isWelcome = clients.enter(address);
    if (isWelcome) this.#socket.on('close', () => clients.leave(address));
    return isWelcome;
  }

  #admit(socket: Socket, peer: Peer): void {
    this.#isAdmitted = true;
    this.#events.admitted(this, socket, peer);
  }

  #refuse(reason: string): void {
    const { listener, log } = this.#rules;
    log.debug({ listener, peer: this.#socket.remoteAddress, reason }, 'connection turned away');
    this.#socket.destroy();
  }

  #closed(): void {
    if (!this.#isAdmitted) this.#events.turnedAway(this);
  }
}
