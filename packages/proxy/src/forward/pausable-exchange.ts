import type { CancelTimer, Clock, ErrorCode } from '@holdfast/shared';
import type { BodyReader } from '../affinity/affinity.ts';
import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';

/** A body that comes so slowly is passed on unread: its client waits for it. */
const BODY_PATIENCE_MS = 1_000;

/**
 * An exchange whose response can be held back for a moment, until the session map knows what the response says: the client
 * that has read it may ask any node the next moment. The endpoint is held back with it, as for a slow client.
 */
export class PausableExchange implements Exchange, ExchangeEvents {
  trace: RequestTrace | undefined;
  readonly #exchange: Exchange;
  #events: ExchangeEvents | undefined;
  /** What is to be done with the response, in order, as soon as it may go on. Undefined while nothing is held back. */
  #held: (() => void)[] | undefined;
  /** Who looks at the body before it goes on; while there is one, the endpoint is not held back. */
  #reader: BodyReader | undefined;
  #stopWaiting: CancelTimer | undefined;
  #owesDrain = false;
  /** Whether the response was completed or given up. */
  #isOver = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.trace = exchange.trace;
  }

  get request(): RequestHead {
    return this.#exchange.request;
  }

  get peer(): Peer {
    return this.#exchange.peer;
  }

  get hasBody(): boolean {
    return this.#exchange.hasBody;
  }

  /** Holds back what comes next of the response until the promise settles. */
  pauseUntil(settled: Promise<void>): void {
    this.#held ??= [];
    const goOn = (): void => this.#goOn();
    settled.then(goOn, goOn);
  }

  /** Holds back what comes next of the response until the reader has seen enough of its body, for a second at most. */
  pauseFor(reader: BodyReader, clock: Clock): void {
    this.#held = [];
    this.#reader = reader;
    this.#stopWaiting = clock.after(BODY_PATIENCE_MS, () => this.#goOn());
  }

  // What is done to it.

  listen(events: ExchangeEvents): void {
    this.#events = events;
    this.#exchange.listen(this);
  }

  resumeRequest(): void {
    this.#exchange.resumeRequest();
  }

  pauseRequest(): void {
    this.#exchange.pauseRequest();
  }

  inform(status: number, reason: string, lines: string): void {
    this.#exchange.inform(status, reason, lines);
  }

  respond(head: ResponseHead): void {
    if (this.#held === undefined) this.#exchange.respond(head);
    else this.#held.push(() => this.#exchange.respond(head));
  }

  switchProtocols(reason: string, lines: string): void {
    if (this.#held === undefined) this.#exchange.switchProtocols(reason, lines);
    else this.#held.push(() => this.#exchange.switchProtocols(reason, lines));
  }

  write(chunk: Buffer): void {
    if (this.#held === undefined) return this.#exchange.write(chunk);
    const copy = Buffer.from(chunk);
    this.#held.push(() => this.#exchange.write(copy));
    const learning = this.#reader?.read(copy);
    if (this.#reader === undefined || learning === 'undecided') return;
    this.#reader = undefined;
    if (learning === undefined) this.#goOn();
    else this.pauseUntil(learning);
  }

  flush(): boolean {
    if (this.#held === undefined) return this.#exchange.flush();
    if (this.#reader !== undefined) return true;
    this.#owesDrain = true;
    return false;
  }

  end(trailers: readonly string[]): void {
    this.#isOver = true;
    if (this.#held === undefined) return this.#exchange.end(trailers);
    this.#held.push(() => this.#exchange.end(trailers));
    if (this.#reader !== undefined) this.#goOn();
  }

  abort(): void {
    this.#giveUp();
    this.#exchange.abort();
  }

  // What happens to it.

  onRequestBody(chunk: Buffer): void {
    this.#events?.onRequestBody(chunk);
  }

  onRequestFlush(): void {
    this.#events?.onRequestFlush();
  }

  onRequestEnd(trailers: readonly string[]): void {
    this.#events?.onRequestEnd(trailers);
  }

  onResponseDrain(): void {
    this.#events?.onResponseDrain();
  }

  onClientGone(): void {
    this.#giveUp();
    this.#events?.onClientGone();
  }

  onRequestBroken(code: ErrorCode, status: number): string {
    this.#giveUp();
    return this.#events?.onRequestBroken(code, status) ?? '';
  }

  #goOn(): void {
    const steps = this.#held ?? [];
    this.#held = undefined;
    this.#reader = undefined;
    this.#stopWaiting?.();
    for (const step of steps) step();
    if (this.#isOver) return;
    const mayAdd = steps.length === 0 || this.#exchange.flush();
    if (this.#owesDrain && mayAdd) this.#events?.onResponseDrain();
    this.#owesDrain = false;
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#reader = undefined;
    if (this.#held !== undefined) this.#held = [];
    this.#stopWaiting?.();
  }
}
