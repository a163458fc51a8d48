import { HoldfastError } from '@holdfast/shared';
import { Hono } from 'hono';
import type { Exchange } from '../exchange/exchange.ts';
import type { Dispatcher } from './dispatcher.ts';
import { SoleRouter } from './sole-router.ts';

/** What a server hands to the app with each request. */
export interface ProxyBindings {
  readonly exchange: Exchange;
}

export type ProxyApp = Hono<{ Bindings: ProxyBindings }>;

/** What the app returns of an exchange that has been taken over. Nobody sends it. */
const TAKEN_OVER = new Response(null);

/**
 * A listener's routes as a Hono app. The app finds the route; the request and its response then flow through the
 * exchange and never become `Request` and `Response` objects, which would cost several times the whole rest.
 */
export function createProxyApp(dispatcher: Dispatcher): ProxyApp {
  const app: ProxyApp = new Hono({ router: new SoleRouter(), getPath: () => '/' });
  app.all('*', ({ env: { exchange } }) => {
    dispatcher.dispatch(exchange);
    return TAKEN_OVER;
  });
  app.onError((error, { env: { exchange } }) => {
    dispatcher.refuse(exchange, HoldfastError.from(error));
    return TAKEN_OVER;
  });
  return app;
}
