import { type ErrorCode, HoldfastError } from '@holdfast/shared';
import type { Context } from 'hono';
import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { KeptBody } from './kept-body.ts';
import { showFields, withAddedFields, withChangedFields } from './response-fields.ts';

/** How the app's part in an exchange ended before there was a response: what is recorded of it. */
export interface BrokenOff {
  readonly status: number;
  readonly error: ErrorCode;
}

/** The beginning of an answer that waits until middleware is done with it. */
interface HeldAnswer {
  /** A head, or the protocol of a tunnel. */
  readonly head: ResponseHead | { readonly protocolReason: string; readonly lines: string };
  readonly pieces: Buffer[];
  /** Known once the answer is complete. */
  trailers: readonly string[] | undefined;
}

/** The status that stands in the log for a client that left before it got an answer (nginx's word for it). */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * An exchange between a server and an app with middleware. What the proxy answers is held until all middleware has
 * returned, which so may see its status and fields and change its fields; then bytes flow as if nobody were in
 * between. Whoever reads the client's part and hears its events does so from here, at any time, since middleware may
 * take its time before the request is forwarded.
 */
export class HeldExchange implements Exchange, ExchangeEvents {
  /** Whether the request went the way of its route, which records it. */
  isDispatched = false;
  /** Whether the app has returned: what its middleware does later comes to nothing. */
  isSettled = false;
  /** Why there is no response to give any more. */
  brokenOff: BrokenOff | undefined = undefined;
  /** What the proxy has failed on, where it has. */
  error: ErrorCode | undefined = undefined;
  bytesIn = 0;
  bytesOut = 0;
  readonly body: KeptBody;
  trace: RequestTrace | undefined;
  readonly #exchange: Exchange;
  readonly #newRequestId: () => string;
  readonly #answered = Promise.withResolvers<void>();
  #requestId: string | undefined;
  #events: ExchangeEvents | undefined;
  #answer: HeldAnswer | undefined;
  #status = 0;
  #isReleased = false;

  constructor(exchange: Exchange, newRequestId: () => string, bodyBytesMax: number | undefined) {
    this.#exchange = exchange;
    this.trace = exchange.trace;
    this.#newRequestId = newRequestId;
    this.body = new KeptBody(exchange, bodyBytesMax);
    exchange.listen(this);
  }

  /** An id for what the app answers by itself. */
  get requestId(): string {
    this.#requestId ??= this.#newRequestId();
    return this.#requestId;
  }

  /** The status that the client got; 499, or what the server answered, if there was no response from here. */
  get status(): number {
    return this.#isReleased ? this.#status : (this.brokenOff?.status ?? this.#status);
  }

  /** Whether a response has begun. */
  get hasBegun(): boolean {
    return this.#isReleased;
  }

  /** Settled once there is an answer to show, or never will be. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** The held answer as middleware sees it, with the fields that it has set before. There is no body in it. */
  show(context: Context): Response {
    const answer = this.#answer;
    if (answer === undefined) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    const lines = withAddedFields(answer.head.lines, context.res.headers);
    this.#answer = { ...answer, head: { ...answer.head, lines } };
    const shown = new Response(null, { status: shownStatus(answer) });
    showFields(lines, shown.headers);
    // Hono would lay the fields that were set before over these, Set-Cookie and all.
    context.res = undefined;
    context.res = shown;
    return shown;
  }

  /** Whether this is the held answer, its fields aside. */
  isShown(response: Response): boolean {
    const answer = this.#answer;
    return answer !== undefined && response.body === null && response.status === shownStatus(answer);
  }

  /** Sends the held answer. @param fields those that middleware has left it with. Default: those that it has. */
  release(fields?: Headers): void {
    const answer = this.#answer;
    if (answer === undefined || this.brokenOff !== undefined) return;
    const { head, pieces, trailers } = answer;
    const lines = fields === undefined ? head.lines : withChangedFields(head.lines, fields);
    this.#answer = undefined;
    this.#isReleased = true;
    if ('protocolReason' in head) this.#exchange.switchProtocols(head.protocolReason, lines);
    else this.#exchange.respond({ ...head, lines });
    for (const piece of pieces) this.#exchange.write(piece);
    if (trailers !== undefined) this.#exchange.end(trailers);
    else if (this.#exchange.flush()) this.#events?.onResponseDrain();
  }

  /** Gives up the answer that is held or on its way, so that another can be given. */
  withdraw(): void {
    const isComplete = this.#answer?.trailers !== undefined;
    const events = this.#events;
    this.#answer = undefined;
    this.#events = undefined;
    this.bytesOut = 0;
    if (!isComplete) events?.onClientGone();
  }

  /** From now on what is answered is sent at once, and these events hear of it. The body stays with middleware. */
  open(events: ExchangeEvents): void {
    this.#isReleased = true;
    this.#events = events;
  }

  // The client's side, for whoever answers.

  get request(): RequestHead {
    return this.#exchange.request;
  }

  get peer(): Peer {
    return this.#exchange.peer;
  }

  get hasBody(): boolean {
    return this.#exchange.hasBody;
  }

  listen(events: ExchangeEvents): void {
    this.#events = events;
    this.body.handOver(events);
  }

  resumeRequest(): void {
    this.body.resume();
  }

  pauseRequest(): void {
    this.body.pause();
  }

  inform(status: number, reason: string, lines: string): void {
    this.#exchange.inform(status, reason, lines);
  }

  respond(head: ResponseHead): void {
    this.#status = head.status;
    if (this.#isReleased) this.#exchange.respond(head);
    else this.#hold(head);
  }

  switchProtocols(protocolReason: string, lines: string): void {
    this.#hold({ protocolReason, lines });
  }

  #hold(head: HeldAnswer['head']): void {
    this.#answer = { head, pieces: [], trailers: undefined };
    this.#answered.resolve();
  }

  write(chunk: Buffer): void {
    this.bytesOut += chunk.length;
    if (this.#isReleased) this.#exchange.write(chunk);
    else this.#answer?.pieces.push(Buffer.from(chunk));
  }

  flush(): boolean {
    return this.#isReleased && this.#exchange.flush();
  }

  end(trailers: readonly string[]): void {
    if (this.#isReleased) this.#exchange.end(trailers);
    else if (this.#answer !== undefined) this.#answer.trailers = trailers;
  }

  abort(): void {
    this.#exchange.abort();
    this.#breakOff('INTERNAL', CLIENT_CLOSED_REQUEST);
  }

  // The server's side.

  onRequestBody(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    this.body.received(chunk);
  }

  onRequestFlush(): void {
    this.body.flushed();
  }

  onRequestEnd(trailers: readonly string[]): void {
    this.body.ended(trailers);
  }

  onResponseDrain(): void {
    if (this.#isReleased) this.#events?.onResponseDrain();
  }

  onClientGone(): void {
    this.#breakOff('DOWNSTREAM_DISCONNECTED', CLIENT_CLOSED_REQUEST);
    this.#events?.onClientGone();
  }

  onRequestBroken(code: ErrorCode, status: number): string {
    this.#breakOff(code, status);
    return this.#events?.onRequestBroken(code, status) ?? this.requestId;
  }

  #breakOff(error: ErrorCode, status: number): void {
    this.brokenOff ??= { status, error };
    this.body.fail(new HoldfastError(error, 'read a body that broke off'));
    this.#answered.resolve();
  }
}

/** What middleware is shown in place of a status that a `Response` cannot have, and an endpoint can answer with. */
const UNKNOWN_STATUS = 599;
/** What it is shown of a tunnel that stands. */
const SWITCHED_STATUS = 200;

function shownStatus({ head }: HeldAnswer): number {
  if ('protocolReason' in head) return SWITCHED_STATUS;
  return head.status >= 200 && head.status <= 599 ? head.status : UNKNOWN_STATUS;
}
