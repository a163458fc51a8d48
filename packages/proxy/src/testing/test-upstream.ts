import { type ErrorCode, HoldfastError } from '@holdfast/shared';
import type { RequestHead } from '../exchange/exchange.ts';
import type {
  Upstream,
  UpstreamEvents,
  UpstreamHead,
  UpstreamProgress,
  UpstreamRequest,
} from '../upstream/upstream.ts';
import { readRequestHead } from './request-head.ts';
import { responseHeadOf } from './response-head.ts';

/** The connections to one endpoint, in memory: keeps the requests that came, for the test to play the endpoint. */
export class TestUpstream implements Upstream {
  readonly requests: TestUpstreamRequest[] = [];
  allowsUpgrade = true;
  /** Whether a body is wanted within the call that starts its request, as on a connection that is there already. */
  isEager = false;
  isRetired = false;

  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest {
    return new TestUpstreamRequest(head, events, (request) => {
      this.requests.push(request);
      if (this.isEager && head.body !== 'none') request.wantBody();
    });
  }

  retire(): void {
    this.isRetired = true;
  }

  close(): void {}
}

/**
 * A request that has arrived at an endpoint. It keeps the promise of the port: nothing is heard of it after its
 * end, its failure or its abort, whatever the test lets the endpoint do.
 */
export class TestUpstreamRequest implements UpstreamRequest {
  readonly head: UpstreamHead;
  /** The head as the endpoint reads it. */
  readonly request: RequestHead;
  readonly pieces: string[] = [];
  trailers: readonly string[] | undefined;
  /** What {@link write} answers: whether the endpoint keeps up. */
  keepsUp = true;
  isPaused = false;
  isAborted = false;
  hasResponded = false;
  readonly #events: UpstreamEvents;
  #isOver = false;

  readonly #arrive: (request: TestUpstreamRequest) => void;

  constructor(head: UpstreamHead, events: UpstreamEvents, arrive: (request: TestUpstreamRequest) => void) {
    this.head = head;
    this.#arrive = arrive;
    this.request = readRequestHead(head.text);
    this.#events = events;
  }

  start(): void {
    this.#arrive(this);
  }

  /** Whether nothing more will be heard of it. */
  get isOver(): boolean {
    return this.#isOver || this.isAborted;
  }

  /** Whether the request body is complete. */
  get isEnded(): boolean {
    return this.trailers !== undefined;
  }

  write(chunk: Buffer): void {
    this.pieces.push(chunk.toString());
  }

  flush(): boolean {
    return this.keepsUp;
  }

  end(trailers: readonly string[]): void {
    this.trailers = trailers;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  abort(): void {
    this.isAborted = true;
  }

  /** The endpoint has the head and wants the body, or more of it. */
  wantBody(): void {
    if (!this.isOver) this.#events.onUpstreamWritable();
  }

  inform(status: number, fields: readonly string[] = []): void {
    if (this.isOver || this.hasResponded) return;
    this.#events.onUpstreamInformation(responseHeadOf(fields, `HTTP/1.1 ${status} `));
  }

  respond(status = 200, fields: readonly string[] = [], reason = 'OK'): void {
    if (this.isOver || this.hasResponded) return;
    this.hasResponded = true;
    this.#events.onUpstreamHead(responseHeadOf(fields, `HTTP/1.1 ${status} ${reason}`));
  }

  /** Pieces of the response body that arrive together. */
  send(...pieces: readonly string[]): void {
    if (this.isOver || !this.hasResponded) return;
    for (const piece of pieces) this.#events.onUpstreamBody(Buffer.from(piece));
    this.#events.onUpstreamFlush();
  }

  finish(trailers: readonly string[] = []): void {
    if (this.isOver || !this.hasResponded) return;
    this.#isOver = true;
    this.#events.onUpstreamEnd(trailers);
  }

  /** @param progress by default what the request itself shows: `sent`, or `responding` after the head */
  fail(code: ErrorCode, progress: UpstreamProgress = this.hasResponded ? 'responding' : 'sent'): void {
    if (this.isOver) return;
    this.#isOver = true;
    this.#events.onUpstreamError(new HoldfastError(code, 'the test lets the request fail'), progress);
  }
}
