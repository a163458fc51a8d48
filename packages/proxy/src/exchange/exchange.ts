import type { ErrorCode } from '@holdfast/shared';
import type { RequestHeadParser } from '../codec/index.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import type { Peer } from './peer.ts';

/**
 * The seam between what accepts requests and what forwards them. A server (the wire listener, or @hono/node-server)
 * makes an Exchange of each request; everything behind it sees no socket, no type of Hono or of Node's http module, and
 * works with heads as the codec reads them, field lines as text, and buffers.
 *
 * Calls and events are synchronous and there is no promise in a body's way: one request is one object that is called
 * back.
 */

/** The head of a request, as the codec read it. Its contents stay until the exchange is over. */
export type RequestHead = RequestHeadParser;

/** What happens to an exchange after it was handed over. Told to one listener, by whoever answers it. */
export interface ExchangeEvents {
  /** A piece of the request body. A small one is only good until the call returns (see `socket/direct-read.ts`). */
  onRequestBody(chunk: Buffer): void;
  /** All that had arrived of the body has been told: what is held back may go out now. */
  onRequestFlush(): void;
  /** The request body is complete. Not called for a request without one. */
  onRequestEnd(trailers: readonly string[]): void;
  /** {@link Exchange.flush} may go on after it answered false. */
  onResponseDrain(): void;
  /** The client is gone before the response was complete. */
  onClientGone(): void;
  /**
   * The request body broke the rules, or off; the server answers with `status` where no response has begun.
   * Answers with the id of the request.
   */
  onRequestBroken(code: ErrorCode, status: number): string;
}

/** The head of a response to a client. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Field lines, each ending in CRLF, without those that say where the body ends. */
  readonly lines: string;
  /** The length of the body; -1 where it is not known beforehand. Written for a response without a body as well. */
  readonly contentLength: number;
}

/** One request and its answer, whichever server accepted it. */
export interface Exchange {
  readonly request: RequestHead;
  readonly peer: Peer;
  /** Whether the request has a body, if only one of length 0. */
  readonly hasBody: boolean;
  /** The trace that the request belongs to, put there before anything else is done. Undefined where nothing is traced. */
  trace: RequestTrace | undefined;

  /** Who hears of events from now on. Called once. The request body waits for {@link resumeRequest}. */
  listen(events: ExchangeEvents): void;
  /** Starts the request body, and starts it again after a pause. Answers an `Expect: 100-continue`. */
  resumeRequest(): void;
  /** Stops the request body, for a receiver that cannot keep up. */
  pauseRequest(): void;

  /** Sends an interim response (1xx other than 101). */
  inform(status: number, reason: string, lines: string): void;
  /** Begins the response. Called at most once. */
  respond(head: ResponseHead): void;
  /**
   * Begins a tunnel in answer to an upgrade (RFC 9110 section 7.8): after this 101, bytes flow both ways as they are, as
   * if they were bodies that end with the connection.
   */
  switchProtocols(reason: string, lines: string): void;
  /** Adds a piece to the response body. What was begun and added may be held back until {@link flush}. */
  write(chunk: Buffer): void;
  /** Sends what is held back. False asks to add nothing more until `onResponseDrain`. */
  flush(): boolean;
  /** Completes the response and sends what is left of it. */
  end(trailers: readonly string[]): void;
  /** Breaks the response off so that the client can tell: the connection ends before the message does. */
  abort(): void;
}
