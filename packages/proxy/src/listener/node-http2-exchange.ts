import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Ticker } from '@holdfast/shared';
import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import { listOf, recordOf } from '../exchange/field-lines.ts';
import type { Peer } from '../exchange/peer.ts';
import { isOfConnection } from '../http2/fields.ts';
import { readTrailers } from '../http2/trailers.ts';
import { watchEnd } from '../http2/whole-message.ts';
import { keepPiece } from '../socket/direct-read.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { type RefusalReason, refusalFields, refusalOf, refusalText } from '../wire/refusal.ts';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;
const NEVER = Number.POSITIVE_INFINITY;
const CONTINUE = 100;
/** Statuses of responses without a body, which Node ends with their head. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** What an exchange needs of the connection that it came on. */
export interface Http2ExchangeHost {
  readonly peer: Peer;
  readonly ticker: Ticker;
  /** Between two pieces of a request body that is wanted, or of a response that the client takes. */
  readonly stallTimeoutMs: number;
  /** The stream is over. */
  released(exchange: NodeHttp2Exchange): void;
}

/** One request of a client that speaks HTTP/2, and its answer: a stream of its own among others of its connection. */
export class NodeHttp2Exchange implements Exchange {
  readonly request: RequestHead;
  readonly hasBody: boolean;
  trace: RequestTrace | undefined = undefined;
  /** When what it waits for has taken too long, in ticks. */
  deadlineTick = NEVER;

  readonly #host: Http2ExchangeHost;
  readonly #stream: ServerHttp2Stream;
  readonly #isWhole: () => boolean;
  #events: ExchangeEvents | undefined;
  /** A response head that waits for what goes out with it. */
  #held: ResponseHead | undefined;
  #hasResponded = false;
  #isAnswered = false;
  #isReceived: boolean;
  #isReading = false;
  #hasContinued = false;
  #isReady = true;
  /** Whether the response ends with trailers, if only with none. */
  #willWantTrailers = false;
  #requestTrailers: readonly string[] = [];
  #responseTrailers: readonly string[] = [];
  /** What was waiting to be sent when the deadline was last looked at. */
  #unsentBytes = 0;

  constructor(stream: ServerHttp2Stream, request: RequestHead, hasBody: boolean, host: Http2ExchangeHost) {
    this.#stream = stream;
    this.#host = host;
    this.request = request;
    this.hasBody = hasBody;
    this.#isReceived = !hasBody;
    // The body may have come to its end before anybody wants it.
    this.#isWhole = watchEnd(stream);
    stream.on('close', () => this.#closed());
    stream.on('drain', () => this.#drained());
    stream.on('wantTrailers', () => this.#sendTrailers());
  }

  get peer(): Peer {
    return this.#host.peer;
  }

  listen(events: ExchangeEvents): void {
    this.#events = events;
  }

  resumeRequest(): void {
    if (this.#isReceived || this.#stream.closed) return;
    if (this.request.expectsContinue && !this.#hasContinued) this.inform(CONTINUE, '', '');
    this.#hasContinued = true;
    this.#await();
    if (this.#isReading) this.#stream.resume();
    else this.#read();
  }

  pauseRequest(): void {
    this.#stream.pause();
    this.deadlineTick = NEVER;
  }

  inform(status: number, _reason: string, lines: string): void {
    if (this.#hasResponded || this.#stream.closed) return;
    this.#stream.additionalHeaders({ ...recordOf(listOf(lines)), ':status': status });
  }

  respond(head: ResponseHead): void {
    this.#hasResponded = true;
    this.#held = head;
  }

  /** Upgrades are of HTTP/1: no field of HTTP/2 asks for one. */
  switchProtocols(): void {
    this.abort();
  }

  write(chunk: Buffer): void {
    this.#sendHead(false);
    if (this.#stream.writableEnded || this.#stream.closed) return;
    this.#isReady = this.#stream.write(keepPiece(chunk));
  }

  flush(): boolean {
    this.#sendHead(false);
    if (this.#isReady || this.#isAnswered) return true;
    this.#unsentBytes = this.#stream.writableLength;
    this.#await();
    return false;
  }

  end(trailers: readonly string[]): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#responseTrailers = trailers;
    this.#sendHead(trailers.length === 0);
    this.#stream.end();
    if (!this.#willWantTrailers) this.#leaveRest();
    this.#await();
  }

  abort(): void {
    this.#isAnswered = true;
    this.#stream.close(NGHTTP2_INTERNAL_ERROR);
  }

  /** Nobody waits for the rest of the response any more. */
  clientGone(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#events?.onClientGone();
  }

  /** What it waits for has taken too long, unless a client that is slow to read has read some more. */
  expire(): void {
    const unsentBytes = this.#stream.writableLength;
    if (unsentBytes > 0 && unsentBytes !== this.#unsentBytes) {
      this.#unsentBytes = unsentBytes;
      this.#await();
    } else if (unsentBytes === 0 && !this.#isReceived && !this.#isAnswered) this.#breakOff('head-timeout');
    else this.#stream.close(NGHTTP2_CANCEL);
  }

  /** Answers a request that goes nowhere. @param requestId the id that it is recorded by */
  refuse(reason: RefusalReason, requestId: string): void {
    const text = refusalText(refusalOf(reason), requestId);
    const { status } = refusalOf(reason);
    this.respond({ status, reason: '', lines: refusalFields(requestId), contentLength: text.length });
    this.write(Buffer.from(text));
    this.end([]);
  }

  #read(): void {
    const stream = this.#stream;
    this.#isReading = true;
    stream.on('trailers', (_fields, _flags, list) => this.#trailed(list));
    stream.on('data', (chunk: Buffer) => this.#received(chunk));
    stream.on('end', () => this.#isWhole() && this.#ended());
  }

  #received(chunk: Buffer): void {
    if (this.#isAnswered) return;
    this.#await();
    this.#events?.onRequestBody(chunk);
    this.#events?.onRequestFlush();
  }

  #trailed(list: readonly string[]): void {
    const trailers = readTrailers(list);
    if (trailers === undefined) this.#breakOff('bad-value');
    else this.#requestTrailers = trailers;
  }

  #ended(): void {
    this.#isReceived = true;
    this.deadlineTick = NEVER;
    if (!this.#isAnswered) this.#events?.onRequestEnd(this.#requestTrailers);
  }

  /** A body that breaks the rules ends its request: the endpoint must not take it for complete. */
  #breakOff(reason: RefusalReason): void {
    if (this.#isAnswered) return this.#stream.close(NGHTTP2_CANCEL);
    const { code, status } = refusalOf(reason);
    const requestId = this.#events?.onRequestBroken(code, status);
    if (this.#hasResponded || requestId === undefined) this.abort();
    else this.refuse(reason, requestId);
  }

  #sendTrailers(): void {
    this.#stream.sendTrailers(recordOf(this.#responseTrailers));
    this.#leaveRest();
  }

  /** The rest of a body is not worth receiving once the response is complete (RFC 9113 section 8.1). */
  #leaveRest(): void {
    if (!this.#isReceived) this.#stream.close(NGHTTP2_NO_ERROR);
  }

  #drained(): void {
    this.#isReady = true;
    this.deadlineTick = NEVER;
    if (!this.#isAnswered) this.#events?.onResponseDrain();
  }

  #closed(): void {
    this.deadlineTick = NEVER;
    this.#host.released(this);
    this.clientGone();
  }

  #await(): void {
    this.deadlineTick = this.#host.ticker.deadline(this.#host.stallTimeoutMs);
  }

  /** @param isAll whether nothing follows: a response that ends with its head is another one to some clients (gRPC) */
  #sendHead(isAll: boolean): void {
    const head = this.#held;
    this.#held = undefined;
    if (head === undefined || this.#stream.closed) return;
    const endStream = isAll || this.request.method === 'HEAD' || WITHOUT_BODY.has(head.status);
    const waitForTrailers = !endStream && head.contentLength < 0;
    this.#willWantTrailers = waitForTrailers;
    // The date of a response is its endpoint's to tell.
    const options = { endStream, waitForTrailers, sendDate: false };
    this.#stream.respond(fieldsOf(head), options);
  }
}

/** The head of a response in the form of HTTP/2: names in lower case, and nothing of the connection. */
function fieldsOf({ status, lines, contentLength }: ResponseHead): string[] {
  const fields = [':status', String(status)];
  const list = listOf(lines);
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = (list[index] as string).toLowerCase();
    if (!isOfConnection(name)) fields.push(name, list[index + 1] as string);
  }
  if (contentLength >= 0 && status !== 204) fields.push('content-length', String(contentLength));
  return fields;
}
