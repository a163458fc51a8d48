import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import { Peer } from '../exchange/peer.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { requestHeadOf } from './request-head.ts';
import { fieldsOf } from './response-head.ts';

/** The head of a response as the client sees it. */
export interface SeenResponse {
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value. */
  readonly fields: readonly string[];
  readonly contentLength: number;
}

/** What the client sends. */
export interface TestRequest {
  readonly method?: string;
  readonly target?: string;
  readonly version?: '1.0' | '1.1';
  /** Name, value, name, value. A host is added where there is none. */
  readonly fields?: readonly string[];
  readonly peer?: Peer;
  /** A body that has arrived with the head: it is handed over to its end within the call that wants it. */
  readonly arrivedBody?: string;
  readonly trace?: RequestTrace;
}

/** The fields of a request whose body comes in chunks. */
export const chunked = ['Transfer-Encoding', 'chunked'] as const;

/**
 * An exchange in memory: keeps what was answered, and lets the test play the client. It throws on what no server
 * could do, such as a second response head, and on field lines that a strict reader would not take.
 */
export class TestExchange implements Exchange {
  readonly request: RequestHead;
  readonly peer: Peer;
  readonly hasBody: boolean;
  trace: RequestTrace | undefined;
  /** What {@link flush} answers: whether the client keeps up. */
  keepsUp = true;
  isReading = false;
  events: ExchangeEvents | undefined;
  readonly interim: SeenResponse[] = [];
  response: SeenResponse | undefined;
  isTunnel = false;
  body = '';
  /** How much of {@link body} has been sent. */
  flushedLength = 0;
  trailers: readonly string[] | undefined;
  isAborted = false;
  #arrivedBody: string | undefined;

  constructor({
    method = 'GET',
    target = '/',
    version = '1.1',
    fields = [],
    peer,
    arrivedBody,
    trace,
  }: TestRequest = {}) {
    this.trace = trace;
    this.request = requestHeadOf(fields, `${method} ${target} HTTP/${version}`);
    this.peer = peer ?? new Peer('192.0.2.7', 8080, false);
    this.#arrivedBody = arrivedBody;
    this.hasBody = this.request.isChunked || this.request.contentLength > 0;
  }

  /** Whether the response was completed or broken off. */
  get isOver(): boolean {
    return this.trailers !== undefined || this.isAborted;
  }

  listen(events: ExchangeEvents): void {
    this.#allow(this.events === undefined, 'a second listener');
    this.events = events;
  }

  resumeRequest(): void {
    this.isReading = true;
    const body = this.#arrivedBody;
    if (body === undefined) return;
    this.#arrivedBody = undefined;
    this.events?.onRequestBody(Buffer.from(body));
    this.events?.onRequestFlush();
    this.events?.onRequestEnd([]);
  }

  pauseRequest(): void {
    this.isReading = false;
  }

  inform(status: number, reason: string, lines: string): void {
    this.#allow(this.response === undefined && !this.isOver, 'an interim response after the response');
    this.interim.push({ status, reason, fields: fieldsOf(lines), contentLength: -1 });
  }

  respond({ status, reason, lines, contentLength }: ResponseHead): void {
    this.#allow(this.response === undefined && !this.isOver, 'a second response head');
    this.response = { status, reason, fields: fieldsOf(lines), contentLength };
  }

  switchProtocols(reason: string, lines: string): void {
    this.respond({ status: 101, reason, lines, contentLength: -1 });
    this.isTunnel = true;
  }

  write(chunk: Buffer): void {
    this.#allow(this.response !== undefined && !this.isOver, 'a body outside of the response');
    this.body += chunk.toString();
  }

  flush(): boolean {
    this.flushedLength = this.body.length;
    return this.keepsUp;
  }

  end(trailers: readonly string[]): void {
    this.#allow(this.response !== undefined && !this.isOver, 'a second end');
    this.flushedLength = this.body.length;
    this.trailers = trailers;
  }

  abort(): void {
    this.isAborted = true;
  }

  #allow(isLawful: boolean, what: string): void {
    if (!isLawful) throw new TypeError(`${this.request.method} ${this.request.target}: ${what}`);
  }
}
