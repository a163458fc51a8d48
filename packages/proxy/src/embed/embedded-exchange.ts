import type { Exchange, ExchangeEvents, RequestHead, ResponseHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { withAddedFields } from '../route/response-fields.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';

/** An exchange whose response also carries the fields that middleware of the app has set. */
export class EmbeddedExchange implements Exchange {
  trace: RequestTrace | undefined;
  readonly #exchange: Exchange;
  readonly #added: Headers;

  constructor(exchange: Exchange, added: Headers) {
    this.#exchange = exchange;
    this.trace = exchange.trace;
    this.#added = added;
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

  respond(head: ResponseHead): void {
    this.#exchange.respond({ ...head, lines: withAddedFields(head.lines, this.#added) });
  }

  listen(events: ExchangeEvents): void {
    this.#exchange.listen(events);
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

  switchProtocols(reason: string, lines: string): void {
    this.#exchange.switchProtocols(reason, lines);
  }

  write(chunk: Buffer): void {
    this.#exchange.write(chunk);
  }

  flush(): boolean {
    return this.#exchange.flush();
  }

  end(trailers: readonly string[]): void {
    this.#exchange.end(trailers);
  }

  abort(): void {
    this.#exchange.abort();
  }
}
