import type { Clock, Logger, Ticker } from '@holdfast/shared';
import type { ListenerConfig } from '@holdfast/shared/config';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import type { RequestRecorder } from '../forward/request-record.ts';
import { unforwardedRecord } from '../forward/unforwarded-record.ts';
import type { Listener } from '../listener/listener.ts';
import { NodeListener } from '../listener/node-listener.ts';
import { createProxyApp } from '../route/proxy-app.ts';
import { serveExchange } from '../route/serve-exchange.ts';
import type { TlsTermination } from '../tls/tls-termination.ts';
import type { Refusal } from '../wire/refusal.ts';
import { WireListener } from '../wire/wire-listener.ts';
import type { ServedPool } from './build-pools.ts';
import { listenerContextOf } from './listener-context.ts';

/** What all listeners of a node share, and the certificates of this one. */
export interface ListenerEnvironment {
  readonly tls: TlsTermination | undefined;
  readonly pools: readonly ServedPool[];
  readonly recorder: RequestRecorder;
  readonly newRequestId: () => string;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A listener with its routes, on the server that the configuration names. */
export function buildListener(config: ListenerConfig, environment: ListenerEnvironment): Listener {
  const { pools, recorder, newRequestId } = environment;
  const listener = listenerContextOf(config);
  const forwarders = new Map<string, Forwarder>(pools.map(({ pool, forwarder }) => [pool.name, forwarder]));
  const routing = { forwarders, listener, newRequestId, recorder };
  if (config.server === 'node') return new NodeListener({ config, clock: environment.clock, ...routing });
  const app = createProxyApp({ routes: config.routes, alreadySent: new Response(null), ...routing });
  const handle = (exchange: Exchange): void => serveExchange(app, exchange);
  const refused = ({ status, code }: Refusal, peer: Peer): string => {
    const requestId = newRequestId();
    const known = { listener: config.name, clientAddress: peer.address, error: code };
    recorder.requestFinished(unforwardedRecord({ ...known, requestId, status }));
    return requestId;
  };
  return new WireListener({ config, handle, refused, ...environment });
}
