import { type Clock, HoldfastError, silentLogger } from '@holdfast/shared';
import { type Context, Hono } from 'hono';
import type { HTTPException } from 'hono/http-exception';
import type { Exchange } from '../exchange/exchange.ts';
import { respondWithError } from '../forward/error-response.ts';
import { forwardedOf } from '../forward/forwarded-lines.ts';
import { failureFields } from '../forward/forwarding.ts';
import { unforwardedRecord } from '../forward/unforwarded-record.ts';
import { appRequestOf } from './app-request.ts';
import type { Dispatcher, DispatcherOptions } from './dispatcher.ts';
import { HeldExchange } from './held-exchange.ts';
import type { Middleware } from './middleware.ts';
import { ResponseSender } from './response-sender.ts';

/** What middleware finds in `context.env`. */
export interface MiddlewareBindings {
  readonly exchange: HeldExchange;
  /** The client's address, as far as trusted proxies tell. */
  readonly clientAddress: string;
}

type BoundContext = Context<{ Bindings: MiddlewareBindings }>;

export interface MiddlewareAppOptions
  extends Pick<DispatcherOptions, 'listener' | 'newRequestId' | 'recorder' | 'log'> {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
}

/**
 * The Hono app of a listener with middleware in front of its routes. Middleware works with a `Request` and a `Response`;
 * the bodies of what it lets through still flow past them, through the exchange.
 */
export class MiddlewareApp {
  /** Whether middleware has added nothing to the app. */
  readonly isEmpty: boolean;
  readonly #app = new Hono<{ Bindings: MiddlewareBindings }>();
  readonly #options: MiddlewareAppOptions;

  constructor(middleware: Middleware, options: MiddlewareAppOptions) {
    this.#options = options;
    this.#app.onError((error, context) => this.#failed(error, context));
    middleware(this.#app as unknown as Hono, options.listener.name);
    this.isEmpty = this.#app.routes.length === 0;
    this.#app.all('*', (context) => this.#proxied(context));
  }

  /** Takes the exchange over. */
  serve(exchange: Exchange): void {
    const { clock, listener, newRequestId } = this.#options;
    const startedAtMs = clock.elapsed();
    const { clientAddress, isSecure } = forwardedOf(exchange.request, exchange.peer, listener.trustedProxies);
    const held = new HeldExchange(exchange, newRequestId, listener.bodyBytesMax);
    const { method, path, httpVersion } = exchange.request;
    void this.#answer(held, clientAddress).then(() => {
      if (held.isDispatched) return;
      const request = { method, path, httpVersion };
      const durationMs = clock.elapsed() - startedAtMs;
      this.#record(held, { request, clientAddress, isSecure, durationMs });
    });
  }

  async #answer(held: HeldExchange, clientAddress: string): Promise<void> {
    try {
      const request = appRequestOf(held, () => held.body.stream());
      if (request === undefined)
        throw new HoldfastError('DOWNSTREAM_BAD_REQUEST', 'make a URL of the request');
      const response = await this.#app.fetch(request, { exchange: held, clientAddress });
      held.isSettled = true;
      await this.#send(held, response);
    } catch (thrown) {
      held.isSettled = true;
      this.#refuse(held, HoldfastError.from(thrown));
      held.release();
    }
  }

  async #send(held: HeldExchange, response: Response): Promise<void> {
    if (held.isShown(response)) return held.release(response.headers);
    held.withdraw();
    await new ResponseSender(held).send(response);
  }

  /** The last handler: the request goes the way of its route. */
  async #proxied(context: BoundContext): Promise<Response> {
    const { exchange } = context.env;
    if (exchange.brokenOff === undefined && !exchange.isSettled) {
      this.#options.dispatcher.dispatch(exchange);
      exchange.isDispatched = true;
      await exchange.answered;
    }
    return exchange.show(context);
  }

  /** What middleware has thrown: a response of its own, as Hono has it, or a fault. */
  #failed(error: Error | HTTPException, context: BoundContext): Response {
    if ('getResponse' in error) {
      const response = error.getResponse();
      return context.newResponse(response.body, response);
    }
    const { exchange } = context.env;
    this.#refuse(exchange, HoldfastError.from(error));
    return exchange.show(context);
  }

  /** Answers with an error in place of what was under way, unless a response has begun. */
  #refuse(held: HeldExchange, error: HoldfastError): void {
    const { log = silentLogger } = this.#options;
    if (error.code === 'INTERNAL') log.error(failureFields(error, held.requestId, held.trace), error.message);
    held.error = error.code;
    if (held.hasBegun || held.brokenOff !== undefined) return;
    held.withdraw();
    respondWithError(held, error, held.requestId);
  }

  #record(
    held: HeldExchange,
    known: { clientAddress: string; isSecure: boolean; durationMs: number; request: RecordedHead },
  ): void {
    const { listener, recorder } = this.#options;
    const { status, bytesIn, bytesOut, requestId, trace } = held;
    const error = held.brokenOff?.error ?? held.error;
    recorder.requestFinished(
      unforwardedRecord({
        ...{ ...known, listener: listener.name, requestId, trace },
        ...{ status, error, bytesIn, bytesOut },
      }),
    );
  }
}

/** What is recorded of a head, taken while it is there: an exchange that is over leaves its place to the next. */
interface RecordedHead {
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
}
