import type { Clock } from '@holdfast/shared';
import type { Exchange } from '../exchange/exchange.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { Middleware } from './middleware.ts';
import { MiddlewareApp } from './middleware-app.ts';
import { createProxyApp, type ProxyApp } from './proxy-app.ts';

export interface ExchangeHandlerOptions extends DispatcherOptions {
  readonly clock: Clock;
  /** Default: none, which costs nothing. */
  readonly middleware?: Middleware | undefined;
}

/** What serves the exchanges of a listener, whichever server they come from: its app, with or without middleware. */
export function exchangeHandler(options: ExchangeHandlerOptions): (exchange: Exchange) => void {
  const { middleware } = options;
  const dispatcher = new Dispatcher(options);
  if (middleware !== undefined) {
    const app = new MiddlewareApp(middleware, { ...options, dispatcher });
    if (!app.isEmpty) return (exchange) => app.serve(exchange);
  }
  const app = createProxyApp(dispatcher);
  return (exchange) => serveExchange(app, exchange);
}

/** What an app without middleware reads of a request before it comes to the proxy: nothing else of it is made. */
class RoutedRequest {
  readonly method: string;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.method = exchange.request.method;
    this.#exchange = exchange;
  }

  get url(): string {
    const { request, peer } = this.#exchange;
    return `${peer.isTls ? 'https' : 'http'}://${request.host || 'localhost'}${request.target}`;
  }
}

function serveExchange(app: ProxyApp, exchange: Exchange): void {
  app.fetch(new RoutedRequest(exchange) as unknown as Request, { exchange });
}
