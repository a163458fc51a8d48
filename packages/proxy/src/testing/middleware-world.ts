import { HoldfastError } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import type { Exchange, ExchangeEvents, ResponseHead } from '../exchange/exchange.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import type { RequestRecord } from '../forward/request-record.ts';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import type { Middleware } from '../route/middleware.ts';
import { exchangeHandler } from '../route/serve-exchange.ts';
import { LogBook } from './log-book.ts';
import { TestExchange, type TestRequest } from './test-exchange.ts';

/** A request that came through the middleware, and whose answer the test gives. */
export class Forwarded implements ExchangeEvents {
  readonly exchange: Exchange;
  body = '';
  isBodyComplete = false;
  isClientGone = false;
  drains = 0;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
    exchange.listen(this);
  }

  /** Answers in one piece, as an endpoint with a small response. */
  answer(body: string, head: Partial<ResponseHead> = {}): void {
    this.begin(head);
    this.exchange.write(Buffer.from(body));
    this.exchange.end([]);
  }

  begin(head: Partial<ResponseHead> = {}): void {
    this.exchange.respond({ status: 200, reason: 'OK', lines: '', contentLength: -1, ...head });
  }

  onRequestBody(chunk: Buffer): void {
    this.body += chunk.toString();
  }

  onRequestFlush(): void {}

  onRequestEnd(): void {
    this.isBodyComplete = true;
  }

  onResponseDrain(): void {
    this.drains++;
  }

  onClientGone(): void {
    this.isClientGone = true;
  }

  onRequestBroken(): string {
    this.isClientGone = true;
    return 'forwarded-1';
  }
}

/** A listener's app with middleware before one route, `/`, whose requests the test answers. */
export class MiddlewareWorld {
  readonly clock = new ManualClock();
  readonly log = new LogBook();
  readonly records: RequestRecord[] = [];
  readonly forwarded: Forwarded[] = [];
  readonly #handle: (exchange: Exchange) => void;

  constructor(
    middleware: Middleware,
    settings: { readonly bodyBytesMax?: number; readonly path?: string } = {},
  ) {
    const forward = (exchange: Exchange): void => {
      if (exchange.request.path === '/broken') throw new HoldfastError('INTERNAL', 'forward: a defect');
      this.forwarded.push(new Forwarded(exchange));
    };
    this.#handle = exchangeHandler({
      routes: [{ match: { path: settings.path ?? '/' }, pool: 'shop' }],
      forwarders: new Map([['shop', { forward } as unknown as Forwarder]]),
      listener: {
        name: 'web',
        trustedProxies: new TrustedProxies(['198.51.100.0/24']),
        bodyBytesMax: settings.bodyBytesMax,
        debugHeaders: false,
      },
      newRequestId: () => 'request-1',
      recorder: { requestFinished: (record) => this.records.push(record) },
      clock: this.clock,
      log: this.log,
      middleware,
    });
  }

  serve(request: TestRequest = {}): TestExchange {
    const exchange = new TestExchange(request);
    this.#handle(exchange);
    return exchange;
  }
}
