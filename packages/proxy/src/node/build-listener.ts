import type { Clock, Logger, Ticker } from '@holdfast/shared';
import type { ListenerConfig } from '@holdfast/shared/config';
import type { Peer } from '../exchange/peer.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import type { RequestRecorder } from '../forward/request-record.ts';
import { unforwardedRecord } from '../forward/unforwarded-record.ts';
import type { ConnectionRecorder } from '../layer4/connection-record.ts';
import type { Passage } from '../layer4/passage.ts';
import type { HttpListener, Listener, ListenerSettings } from '../listener/listener.ts';
import { NodeListener } from '../listener/node-listener.ts';
import type { Middleware } from '../route/middleware.ts';
import { exchangeHandler } from '../route/serve-exchange.ts';
import type { SocketSource } from '../socket/socket-source.ts';
import { TcpListener, type TcpListenerSettings } from '../tcp/tcp-listener.ts';
import { TcpRoutes } from '../tcp/tcp-routes.ts';
import type { TlsTermination } from '../tls/tls-termination.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { UdpListener, type UdpListenerSettings } from '../udp/udp-listener.ts';
import type { Refusal } from '../wire/refusal.ts';
import { WireListener } from '../wire/wire-listener.ts';
import { listenerContextOf } from './listener-context.ts';

/** What the listeners of a node share, whatever their configuration says. */
export interface ListenerEnvironment {
  readonly recorder: RequestRecorder;
  /** Who is told of connections and flows that carry no requests. */
  readonly connections: ConnectionRecorder;
  readonly newRequestId: () => string;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sockets: SocketSource;
  /** What runs in front of the routes. Its app is made anew whenever a listener takes on other settings. */
  readonly middleware?: Middleware | undefined;
  /** Who decides which requests and connections are traced. Default: nobody. */
  readonly tracer?: Tracer | undefined;
}

/** What the listeners of a configuration refer to. */
export interface ListenerResources {
  /** Where requests to each pool are handed over, by its name. */
  readonly forwarders: ReadonlyMap<string, Forwarder>;
  /** What leads connections and flows to the endpoints of each pool, by its name. */
  readonly passages: ReadonlyMap<string, Passage>;
  /** The certificates of each https listener, by its name. */
  readonly terminations: ReadonlyMap<string, TlsTermination>;
}

/** A listener, and how it takes on another configuration. */
export interface BuiltListener {
  readonly listener: Listener;
  /** Makes all that the configuration needs. Nothing has changed before the answer is called. */
  prepare(config: ListenerConfig, resources: ListenerResources): () => void;
}

/** A listener of the kind that its configuration names. Does not accept yet. */
export function buildListener(
  config: ListenerConfig,
  resources: ListenerResources,
  environment: ListenerEnvironment,
): BuiltListener {
  const { connections: recorder } = environment;
  const parts = [config, resources, environment] as const;
  switch (config.protocol) {
    case 'tcp':
      return built(
        tcpSettingsOf,
        (settings) => new TcpListener({ ...environment, ...settings, recorder }),
        ...parts,
      );
    case 'udp':
      return built(
        udpSettingsOf,
        (settings) => new UdpListener({ ...environment, ...settings, recorder }),
        ...parts,
      );
    default:
      return built(httpSettingsOf, (settings) => httpListener(settings, environment), ...parts);
  }
}

type SettingsOf<Settings> = (
  config: ListenerConfig,
  resources: ListenerResources,
  environment: ListenerEnvironment,
) => Settings;

function built<Settings>(
  settingsOf: SettingsOf<Settings>,
  listenerOf: (settings: Settings) => Listener & { reconfigure(settings: Settings): void },
  first: ListenerConfig,
  firstResources: ListenerResources,
  environment: ListenerEnvironment,
): BuiltListener {
  const listener = listenerOf(settingsOf(first, firstResources, environment));
  return {
    listener,
    prepare(config, resources) {
      const settings = settingsOf(config, resources, environment);
      return () => listener.reconfigure(settings);
    },
  };
}

/** On the server that its configuration names. */
function httpListener(settings: ListenerSettings, environment: ListenerEnvironment): HttpListener {
  const { ticker, clock, log, sockets } = environment;
  const options = { ...settings, ticker, clock, log, sockets };
  return settings.config.server === 'node' ? new NodeListener(options) : new WireListener(options);
}

const tcpSettingsOf: SettingsOf<TcpListenerSettings> = (config, { passages }) => ({
  config,
  routes: new TcpRoutes(config.routes, passages),
});

/** Datagrams have nothing in them to choose a route by. */
const udpSettingsOf: SettingsOf<UdpListenerSettings> = (config, { passages }) => ({
  config,
  passage: passages.get(config.routes[0]?.pool ?? '') as Passage,
});

const httpSettingsOf: SettingsOf<ListenerSettings> = (config, { forwarders, terminations }, environment) => {
  const { recorder, newRequestId, clock, log, middleware, tracer } = environment;
  const shared = { recorder, newRequestId, clock, log, middleware, tracer };
  const listener = listenerContextOf(config);
  const handle = exchangeHandler({ routes: config.routes, forwarders, listener, ...shared });
  const refused = ({ status, code }: Refusal, peer: Peer): string => {
    const requestId = newRequestId();
    const known = {
      ...{ listener: config.name, error: code },
      ...{ clientAddress: peer.address, isSecure: peer.isTls },
    };
    recorder.requestFinished(unforwardedRecord({ ...known, requestId, status }));
    return requestId;
  };
  return { config, handle, refused, tls: terminations.get(config.name) };
};
