import { HoldfastError } from '@holdfast/shared';
import type { RouteConfig } from '@holdfast/shared/config';
import { Hono } from 'hono';
import type { Exchange } from '../exchange/exchange.ts';
import { respondWithError } from '../forward/error-response.ts';
import type { Forwarder, ListenerContext } from '../forward/forwarder.ts';
import type { RequestRecorder } from '../forward/request-record.ts';
import { unforwardedRecord } from '../forward/unforwarded-record.ts';
import { RouteTable } from './route-table.ts';
import { SoleRouter } from './sole-router.ts';

/** What a server hands to the app with each request. */
export interface ProxyBindings {
  readonly exchange: Exchange;
}

export type ProxyApp = Hono<{ Bindings: ProxyBindings }>;

export interface ProxyAppOptions {
  readonly routes: readonly RouteConfig[];
  readonly forwarders: ReadonlyMap<string, Forwarder>;
  readonly listener: ListenerContext;
  readonly newRequestId: () => string;
  readonly recorder: RequestRecorder;
  /** What a handler returns once the exchange has been taken over. */
  readonly alreadySent: Response;
}

/**
 * A listener's routes as a Hono app. The app finds the route; the request and its response then flow through the
 * exchange and never become `Request` and `Response` objects, which would cost several times the whole rest.
 */
export function createProxyApp(options: ProxyAppOptions): ProxyApp {
  const { routes, forwarders, listener, alreadySent } = options;
  const table = new RouteTable(routes, ({ pool }) => forwarders.get(pool) as Forwarder);
  const app: ProxyApp = new Hono({ router: new SoleRouter(), getPath: () => '/' });
  app.all('*', ({ env: { exchange } }) => {
    const { host, path } = exchange.request;
    const route = table.find(host, path);
    if (route === undefined)
      refuse(exchange, new HoldfastError('DOWNSTREAM_NO_ROUTE', 'no route matches'), options);
    else route.target.forward(exchange, listener, route.name);
    return alreadySent;
  });
  app.onError((error, context) => {
    refuse(context.env.exchange, HoldfastError.from(error), options);
    return alreadySent;
  });
  return app;
}

/** Answers and records a request that comes to no pool. */
function refuse(exchange: Exchange, error: HoldfastError, options: ProxyAppOptions): void {
  const { listener, newRequestId, recorder } = options;
  const { request, peer } = exchange;
  const requestId = newRequestId();
  const status = respondWithError(exchange, error, requestId);
  const known = { listener: listener.name, clientAddress: peer.address, error: error.code };
  recorder.requestFinished(unforwardedRecord({ ...known, requestId, status, request }));
}
