import { HoldfastError } from '@holdfast/shared';
import type { ExchangeEvents } from '../exchange/exchange.ts';
import { reasonPhrase } from '../forward/reason-phrase.ts';
import type { HeldExchange } from './held-exchange.ts';
import { linesOfHeaders } from './response-fields.ts';

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Read = Awaited<ReturnType<Reader['read']>>;

/** Sends a `Response` that middleware has made, piece by piece and no faster than the client takes it. */
export class ResponseSender implements ExchangeEvents {
  /** How much of the body was handed to the server. */
  bytesOut = 0;
  readonly #exchange: HeldExchange;
  #reader: Reader | undefined;
  #drained = Promise.withResolvers<void>();

  constructor(exchange: HeldExchange) {
    this.#exchange = exchange;
  }

  /**
   * @throws HoldfastError `INTERNAL` if the response's body was used, breaks off, or has pieces that are no bytes, or if a
   *   field has a character that fields cannot have. Where the response had begun, it is broken off.
   */
  async send(response: Response): Promise<void> {
    const lines = linesOfHeaders(response.headers);
    this.#reader = readerOf(response);
    // Two reads are enough to learn the length of a text, and none is waited for.
    const reads = this.#reader === undefined ? [] : [this.#reader.read(), this.#reader.read()];
    const known = await soon(Promise.all(reads));
    if (this.#isOver) return this.onClientGone();
    const { status, statusText } = response;
    this.#exchange.open(this);
    const contentLength = lengthOf(this.#exchange.request.method, status, known);
    this.#exchange.respond({ status, reason: statusText || reasonPhrase(status), lines, contentLength });
    try {
      if (known === undefined) await this.#sent();
      await this.#sendBody(reads);
    } catch (error) {
      this.#exchange.abort();
      throw HoldfastError.from(error);
    }
  }

  get #isOver(): boolean {
    return this.#exchange.brokenOff !== undefined;
  }

  async #sendBody(reads: Promise<Read>[]): Promise<void> {
    const next = (): Promise<Read> | undefined => reads.shift() ?? this.#reader?.read();
    let read = await next();
    while (read?.done === false && !this.#isOver) {
      this.#write(read.value);
      await this.#sent();
      read = await next();
    }
    if (!this.#isOver) this.#exchange.end([]);
  }

  /** Sends what there is, and waits until the client has taken it. */
  async #sent(): Promise<void> {
    this.#drained = Promise.withResolvers();
    if (!this.#isOver && !this.#exchange.flush()) await this.#drained.promise;
  }

  #write(piece: Uint8Array): void {
    this.bytesOut += piece.byteLength;
    this.#exchange.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }

  // The request's body is middleware's, which may read it while it answers.
  onRequestBody(): void {}

  onRequestFlush(): void {}
  onRequestEnd(): void {}

  onResponseDrain(): void {
    this.#drained.resolve();
  }

  onClientGone(): void {
    this.#drained.resolve();
    this.#reader?.cancel().catch(() => {});
  }

  onRequestBroken(): string {
    this.onClientGone();
    return this.#exchange.requestId;
  }
}

/** @throws HoldfastError `INTERNAL` if somebody has read the body */
function readerOf({ body, bodyUsed }: Response): Reader | undefined {
  if (bodyUsed || body?.locked)
    throw new HoldfastError('INTERNAL', 'send a response of middleware whose body was read');
  return (body as ReadableStream<Uint8Array> | null)?.getReader();
}

/** What the promise settles to, if it does so without waiting for anything outside of the process. */
const soon = <Value>(promise: Promise<Value>): Promise<Value | undefined> =>
  Promise.race([promise, new Promise<undefined>((resolve) => void setImmediate(() => resolve(undefined)))]);

/** @param reads the first two, where they were there at once; none for a response without a body */
function lengthOf(method: string, status: number, reads: readonly Read[] | undefined): number {
  if (method === 'HEAD' || status === 304) return -1;
  if (reads === undefined) return -1;
  const [first, second] = reads;
  if (first === undefined || first.done) return 0;
  return second?.done === true ? first.value.byteLength : -1;
}
