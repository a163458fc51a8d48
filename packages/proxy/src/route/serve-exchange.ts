import type { Exchange } from '../exchange/exchange.ts';
import type { ProxyApp } from './proxy-app.ts';

/** What an app reads of a request before it comes to the proxy: nothing else of it is made. */
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

/** Has the app serve an exchange of the wire server. */
export function serveExchange(app: ProxyApp, exchange: Exchange): void {
  app.fetch(new RoutedRequest(exchange) as unknown as Request, { exchange });
}
