import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Peer } from '../exchange/peer.ts';
import {
  CONNECTION_MEGABYTES_MAX,
  FIELD_SECTION_BYTES_MAX,
  FIELDS_MAX,
  STREAM_WINDOW_BYTES,
} from '../http2/limits.ts';
import { type Http2Host, NodeHttp2Connection } from './node-http2-connection.ts';

/** Requests that a client may have open on one connection; more are refused, and may be sent again. */
const STREAMS_MAX = 100;
/**
 * Requests that a client may open and take back: so many at once, and so many a second. A browser that leaves a page takes back
 * a page's worth; one that goes on and on makes others work for nothing (CVE-2023-44487), and its connection ends.
 */
const RESET_BURST = 200;
const RESETS_PER_SECOND = 20;
/** Frames out of place before a connection ends. */
const INVALID_FRAMES_MAX = 100;

const OPTIONS = {
  maxHeaderListPairs: FIELDS_MAX,
  maxSessionInvalidFrames: INVALID_FRAMES_MAX,
  maxSessionMemory: CONNECTION_MEGABYTES_MAX,
  streamResetBurst: RESET_BURST,
  streamResetRate: RESETS_PER_SECOND,
  settings: {
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxConcurrentStreams: STREAMS_MAX,
    maxHeaderListSize: FIELD_SECTION_BYTES_MAX,
  },
  // A field that should be there once and is there twice is for its reader to judge, not for a proxy.
  strictSingleValueFields: false,
};

/** Node's HTTP/2 server. It does not listen: it is given connections that were admitted and speak HTTP/2. */
export class NodeHttp2Server {
  readonly #host: Http2Host;
  readonly #server: Http2Server;
  readonly #connections = new Set<NodeHttp2Connection>();
  /** Whose the session is that begins with the connection just given. */
  #next: Peer | undefined;

  constructor(host: Http2Host) {
    this.#host = host;
    this.#server = createServer(OPTIONS);
    this.#server.on('session', (session) => this.#began(session));
    // Without it Node answers every request by itself.
    this.#server.on('stream', () => {});
  }

  serve(socket: Socket, peer: Peer): void {
    // Node ends a session with its socket; a half of one is of no use to HTTP/2.
    socket.allowHalfOpen = false;
    this.#next = peer;
    this.#server.emit('connection', socket);
  }

  tick(now: number): void {
    for (const connection of this.#connections) connection.tick(now);
  }

  /** Asks all clients to use another connection for their next request. */
  leave(): void {
    for (const connection of this.#connections) connection.leave();
  }

  /** Ends connections as soon as no request is on them. */
  finish(): void {
    for (const connection of this.#connections) connection.finish();
  }

  /** All connections have ended. */
  ended(): void {
    for (const connection of this.#connections) connection.ended();
  }

  #began(session: ServerHttp2Session): void {
    const connection = new NodeHttp2Connection(session, this.#next as Peer, this.#host);
    this.#connections.add(connection);
    session.on('close', () => this.#connections.delete(connection));
  }
}
