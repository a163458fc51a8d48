import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from '@holdfast/shared';
import type { CertificateExpiry, Certificates } from './certificates.ts';

/** Speaks TLS with the clients of a listener. */
export class TlsTermination {
  readonly #certificates: Certificates;
  readonly #server: Server;
  readonly #handshakes = new Map<string, (secured: TLSSocket) => void>();

  /** @param protocols what is spoken on the connections, by the names of ALPN, preferred first */
  constructor(
    certificates: Certificates,
    log: Logger,
    listener: string,
    protocols: readonly string[] = ['http/1.1'],
  ) {
    this.#certificates = certificates;
    this.#server = createServer({
      ...certificates.default.options,
      ALPNProtocols: protocols,
      SNICallback: (serverName, choose) => choose(null, certificates.find(serverName)),
    });
    this.#server.on('secureConnection', (secured) => this.#succeeded(secured));
    this.#server.on('tlsClientError', (error: Error & { code?: string }, failed) => {
      log.debug({ listener, peer: failed.remoteAddress, code: error.code }, 'TLS handshake failed');
      failed.destroy();
    });
  }

  get expiries(): readonly CertificateExpiry[] {
    return this.#certificates.expiries;
  }

  /** Uses certificates that are replaced from now on. */
  open(): void {
    this.#certificates.watch(() => this.#server.setSecureContext(this.#certificates.default.options));
  }

  close(): void {
    this.#certificates.unwatch();
  }

  /**
   * Shakes hands on a connection, and calls `succeeded` with what to read and write from then on. A handshake that
   * fails closes the connection; one that takes too long is for the caller to end.
   */
  shakeHands(socket: Socket, succeeded: (secured: TLSSocket) => void): void {
    const key = connectionKey(socket);
    this.#handshakes.set(key, succeeded);
    socket.once('close', () => this.#handshakes.delete(key));
    // A client that ends amid the handshake wants nothing more.
    socket.allowHalfOpen = false;
    // The server never listens: connections come to it when what precedes TLS has been read.
    this.#server.emit('connection', socket);
  }

  #succeeded(secured: TLSSocket): void {
    const key = connectionKey(secured);
    const succeeded = this.#handshakes.get(key);
    this.#handshakes.delete(key);
    if (succeeded === undefined) return void secured.destroy();
    // From now on it may end its direction and still want the answer.
    secured.allowHalfOpen = true;
    succeeded(secured);
  }
}

/** A connection is known by its two ends (RFC 9293 section 3.4), the same for a socket and the TLS on it. */
const connectionKey = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
