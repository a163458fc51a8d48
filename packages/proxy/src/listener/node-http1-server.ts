import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@holdfast/shared';
import type { ListenerConfig } from '@holdfast/shared/config';
import type { Peer } from '../exchange/peer.ts';
import { type Http1Host, NodeHttp1Connection } from './node-http1-connection.ts';

const HEADER_BYTES_MAX = 16 * 1024;
const HEADER_LINES_MAX = 100;
const LINGER_MS = 1_000;

/** Node's HTTP/1.1 server. It does not listen: it is given connections that were admitted. */
export class NodeHttp1Server {
  readonly #host: Http1Host;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #connections = new Map<Socket, NodeHttp1Connection>();

  constructor(timeouts: ListenerConfig['timeouts'], host: Http1Host, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
    const options = {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: timeouts.header,
      requestTimeout: 0,
      keepAliveTimeout: timeouts.idle,
      connectionsCheckingInterval: 1_000,
    };
    this.#server = createServer(options, (incoming, outgoing) => {
      this.#connections.get(incoming.socket)?.received(incoming, outgoing);
    });
    this.#server.maxHeadersCount = HEADER_LINES_MAX;
    // Node looks at the deadlines of connections from when its server listens, which this one never does by itself.
    this.#server.emit('listening');
  }

  /** Takes effect with the next connection. */
  reconfigure({ header, idle }: ListenerConfig['timeouts']): void {
    this.#server.headersTimeout = header;
    this.#server.keepAliveTimeout = idle;
  }

  serve(socket: Socket, peer: Peer): void {
    socket.destroySoon = () => this.#linger(socket);
    this.#connections.set(socket, new NodeHttp1Connection(peer, this.#host));
    socket.on('close', () => this.#connections.delete(socket));
    this.#server.emit('connection', socket);
  }

  /** Ends connections on which no request is. */
  endIdle(): void {
    this.#server.closeIdleConnections();
  }

  /**
   * Closes our end. Node would close both at once: what the client still sends would come back to it as a reset, which
   * takes the response with it.
   */
  #linger(socket: Socket): void {
    socket.end();
    this.#clock.after(LINGER_MS, () => socket.destroy());
  }

  /** All connections have ended; looks at no deadlines any more. */
  ended(): void {
    this.#server.close();
    for (const connection of this.#connections.values()) connection.ended();
  }
}
