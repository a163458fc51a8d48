import { HoldfastError } from '@holdfast/shared';
import type { Exchange, ExchangeEvents } from '../exchange/exchange.ts';

/** How much of a body that middleware has read is kept in memory, to be forwarded all the same. */
export const KEPT_BYTES_MAX = 1024 * 1024;

/**
 * The body of a request that middleware may read before it is forwarded. What it reads is kept, so that the endpoint
 * gets all of it; what it does not read flows past.
 */
export class KeptBody {
  readonly #exchange: Exchange;
  readonly #bytesMax: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Known once the body has arrived to its end. */
  #trailers: readonly string[] | undefined;
  /** Whether more was read than is kept. */
  #isLost = false;
  #receiver: ExchangeEvents | undefined;
  #isWanted = false;

  /** @param bytesMax the longest body that middleware may read */
  constructor(exchange: Exchange, bytesMax = Number.POSITIVE_INFINITY) {
    this.#exchange = exchange;
    this.#bytesMax = bytesMax;
  }

  /** The body for middleware. Nothing of it is asked for before middleware reads. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#exchange.resumeRequest(),
        cancel: () => {
          this.#controller = undefined;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /**
   * From now on the body is this receiver's, from its first byte, when it asks for it.
   *
   * @throws HoldfastError `DOWNSTREAM_BODY_TOO_LARGE` if middleware has read more of it than is kept
   */
  handOver(receiver: ExchangeEvents): void {
    if (this.#isLost)
      throw new HoldfastError('DOWNSTREAM_BODY_TOO_LARGE', 'forward a body that middleware has read');
    this.fail(new HoldfastError('INTERNAL', 'read a body that is being forwarded'));
    this.#receiver = receiver;
  }

  /** The receiver wants the body, or more of it. */
  resume(): void {
    this.#isWanted = true;
    const receiver = this.#receiver;
    while (this.#isWanted && this.#pieces.length > 0) {
      receiver?.onRequestBody(this.#pieces.shift() as Buffer);
      receiver?.onRequestFlush();
    }
    if (!this.#isWanted) return;
    if (this.#trailers === undefined) this.#exchange.resumeRequest();
    else this.#end(this.#trailers);
  }

  pause(): void {
    this.#isWanted = false;
    this.#exchange.pauseRequest();
  }

  received(piece: Buffer): void {
    if (this.#receiver !== undefined) return this.#receiver.onRequestBody(piece);
    // Before the piece is handed on: its reader may ask for the next one within the call.
    this.#exchange.pauseRequest();
    this.#bytes += piece.length;
    if (this.#bytes > this.#bytesMax)
      return this.fail(new HoldfastError('DOWNSTREAM_BODY_TOO_LARGE', 'read a body above the limit'));
    const copy = Buffer.from(piece);
    this.#isLost ||= this.#bytes > KEPT_BYTES_MAX;
    if (this.#isLost) this.#pieces = [];
    else this.#pieces.push(copy);
    // Another copy: what middleware does to the bytes is no business of the endpoint's.
    this.#controller?.enqueue(new Uint8Array(copy));
  }

  flushed(): void {
    this.#receiver?.onRequestFlush();
  }

  ended(trailers: readonly string[]): void {
    this.#trailers = trailers;
    if (this.#receiver !== undefined) return this.#end(trailers);
    this.#controller?.close();
    this.#controller = undefined;
  }

  /** Nothing more will come for middleware. */
  fail(error: HoldfastError): void {
    this.#controller?.error(error);
    this.#controller = undefined;
  }

  #end(trailers: readonly string[]): void {
    this.#receiver?.onRequestEnd(trailers);
  }
}
