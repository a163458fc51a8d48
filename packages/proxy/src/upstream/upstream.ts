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
  /** The request is still under way: told every so often, as the connections to its endpoint are set up to. */
  onUpstreamHeld(): void;
  /** The request body is wanted: at first when the head has been sent, and again after `flush` answered false. */
  onUpstreamWritable(): void;
}

/** A request to an endpoint. Nothing happens, and no event comes, before it is started. */
export interface UpstreamRequest {
  /** Sends it, now or when a connection is free. Called once. */
  start(): void;
  /** Adds a piece to the request body. What was added may be held back until {@link flush}. */
  write(chunk: Buffer): void;
  /** Sends what is held back. False asks to add nothing more until `onUpstreamWritable`. */
  flush(): boolean;
  /** The request body is complete; sends what is left of it. */
  end(trailers: readonly string[]): void;
  /** Stops the response body, for a client that cannot keep up. */
  pause(): void;
  resume(): void;
  /** Gives the request up; no further event. Its connection, or its stream of one, is not used again. */
  abort(): void;
}

/** The kept connections to one endpoint. */
export interface Upstream {
  /** Whether a request to it may ask for another protocol. One that does is not to be given to it otherwise. */
  readonly allowsUpgrade: boolean;
  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest;
  /**
   * Its endpoint gets no further sessions: connections end as soon as no request is on them. A request that comes late all
   * the same is still served.
   */
  retire(): void;
  /** Ends all connections, and the requests on them. */
  close(): void;
}
