import type { Clock } from '@holdfast/shared';
import type { Exchange } from '../exchange/exchange.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { Middleware } from './middleware.ts';
import { MiddlewareApp } from './middleware-app.ts';

export interface ExchangeHandlerOptions extends DispatcherOptions {
  readonly clock: Clock;
  /** Default: none, which costs nothing. */
  readonly middleware?: Middleware | undefined;
  /** Who decides which requests are traced. Default: nobody; requests pass on what they say of traces. */
  readonly tracer?: Tracer | undefined;
}

/** What serves the exchanges of a listener, whichever server they come from: its routes, or an app in front of them. */
export function exchangeHandler(options: ExchangeHandlerOptions): (exchange: Exchange) => void {
  const { tracer, listener } = options;
  const serve = handlerOf(options);
  if (tracer === undefined) return serve;
  return (exchange) => {
    exchange.trace = tracer.begin(exchange.request, exchange.peer, listener.trustedProxies);
    serve(exchange);
  };
}

function handlerOf(options: ExchangeHandlerOptions): (exchange: Exchange) => void {
  const { middleware } = options;
  const dispatcher = new Dispatcher(options);
  if (middleware !== undefined) {
    const app = new MiddlewareApp(middleware, { ...options, dispatcher });
    if (!app.isEmpty) return (exchange) => app.serve(exchange);
  }
  return (exchange) => dispatcher.serve(exchange);
}
