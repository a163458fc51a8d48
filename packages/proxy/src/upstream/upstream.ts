import type { HoldfastError } from '@holdfast/shared';
import type { ResponseHeadParser } from '../codec/index.ts';

/** The head of a response from an endpoint, as the codec read it. Its contents stay until the event returns. */
export type ResponseHeadView = ResponseHeadParser;

/** A request as it goes to an endpoint. */
export interface UpstreamHead {
  readonly method: string;
  /** Request line, field lines and the empty line. */
  readonly text: string;
  /** How the body will be written: as its length says, in chunks that the connection makes, or not at all. */
  readonly body: 'none' | 'length' | 'chunked';
  /** Whether the endpoint may answer with a 101, after which bytes flow both ways as they are. */
  readonly isUpgrade: boolean;
  /** Whether it may be sent again when a kept connection turns out to be closed: idempotent, without a body. */
  readonly isReplayable: boolean;
}

/**
 * How far a request had come when it failed, which decides whether it may be tried again.
 *
 * - `nothing-sent`: no byte of it has reached a socket
 * - `sent`: the endpoint may have seen it, and no byte of a response has come
 * - `responding`: a response has begun
 */
export type UpstreamProgress = 'nothing-sent' | 'sent' | 'responding';

/** What comes back of a request. After `onUpstreamEnd` or `onUpstreamError` there is no further call. */
export interface UpstreamEvents {
  /** An interim response (1xx other than 101). */
  onUpstreamInformation(head: ResponseHeadView): void;
  onUpstreamHead(head: ResponseHeadView): void;
  /** A piece of the response body. A small one is only good until the call returns (see `socket/direct-read.ts`). */
  onUpstreamBody(chunk: Buffer): void;
  /** All that had arrived has been told: what is held back may go out now. */
  onUpstreamFlush(): void;
  onUpstreamEnd(trailers: readonly string[]): void;
  onUpstreamError(error: HoldfastError, progress: UpstreamProgress): void;
  /** The request body is wanted: at first when the head has been sent, and again after `write` answered false. */
  onUpstreamWritable(): void;
}

/** A request to an endpoint. Nothing happens, and no event comes, before it is started. */
export interface UpstreamRequest {
  /** Sends it, now or when a connection is free. Called once. */
  start(): void;
  /** Sends a piece of the request body. False asks to wait for `onUpstreamWritable`. */
  write(chunk: Buffer): boolean;
  /** The request body is complete. */
  end(trailers: readonly string[]): void;
  /** Stops the response body, for a client that cannot keep up. */
  pause(): void;
  resume(): void;
  /** Gives the request up; no further event. Its connection is not used again. */
  abort(): void;
}

/** The kept connections to one endpoint. */
export interface Upstream {
  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest;
  /** Ends all connections, and the requests on them. */
  close(): void;
}
