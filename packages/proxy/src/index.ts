import { type EmbeddedProxy, openProxy, type ProxyOptions } from './embed/open-proxy.ts';
import type { ExchangeOf } from './embed/proxy-handler.ts';
import { MalformedRequest, NodeExchange } from './listener/node-exchange.ts';

export type { Logger } from '@holdfast/shared';
export type { EmbeddedProxy, ProxyOptions } from './embed/open-proxy.ts';
export type { ProxyConfig } from './embed/proxy-config.ts';
export type { RequestRecord, RequestRecorder } from './forward/request-record.ts';

/**
 * Sticky sessions within a Hono app of your own on @hono/node-server: whatever middleware the app has runs in front.
 *
 * The body of a request and of its response flow past the app, as in a node; HTTP/1 only, and upgrades are for a
 * node's own listeners.
 *
 * @throws HoldfastError `INTERNAL` if the configuration is wrong, saying everything that is, or if the store's file or
 *   that of a certificate cannot be opened. A store that is merely unavailable is no reason not to start.
 */
export const createProxy = (options: ProxyOptions): Promise<EmbeddedProxy> =>
  openProxy(options, nodeExchange);

const nodeExchange: ExchangeOf = (incoming, outgoing) => {
  try {
    return new NodeExchange(incoming, outgoing, false);
  } catch (error) {
    if (error instanceof MalformedRequest) return undefined;
    throw error;
  }
};
