import { openProxy, type ProxyHandler, type ProxyOptions } from './embed/open-proxy.ts';
import type { ExchangeOf } from './embed/proxy-handler.ts';
import { NodeExchange } from './listener/node-exchange.ts';
import { readHttp1Head } from './listener/node-http1-head.ts';
import { awaitTurn } from './listener/response-turn.ts';

export type { Logger } from '@holdfast/shared';
export type { ProxyHandler, ProxyOptions } from './embed/open-proxy.ts';
export type { NodeConfig, ProxyConfig } from './embed/proxy-config.ts';
export { type NodeOptions, startNode } from './embed/start-node.ts';
export type { RequestRecord, RequestRecorder } from './forward/request-record.ts';
export type { RunningNode } from './node/running-node.ts';
export { getConnInfo } from './route/conn-info.ts';
export type { Middleware } from './route/middleware.ts';

/**
 * Sticky sessions within a Hono app of your own on @hono/node-server: whatever middleware the app has runs in front.
 *
 * The body of a request and of its response flow past the app, as in a node; HTTP/1 only, and upgrades are for a
 * node's own listeners.
 *
 * @throws HoldfastError `INTERNAL` if the configuration is wrong, saying everything that is, or if the store's file or
 *   that of a certificate cannot be opened. A store that is merely unavailable is no reason not to start.
 */
export const createProxyHandler = (options: ProxyOptions): Promise<ProxyHandler> =>
  openProxy(options, nodeExchange);

const nodeExchange: ExchangeOf = async (incoming, outgoing) => {
  if (!(await awaitTurn(incoming, outgoing))) return 'gone';
  const head = readHttp1Head(incoming);
  return typeof head === 'string' ? 'malformed' : new NodeExchange(incoming, outgoing, head);
};
