import type { Logger, Ticker } from '@holdfast/shared';
import type { ListenerConfig } from '@holdfast/shared/config';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import type { TlsTermination } from '../tls/tls-termination.ts';
import type { AdmissionRules } from './admission.ts';
import type { ClientConnections } from './client-connections.ts';

/** What the configuration of a listener says of those who come in. */
export interface EntranceSettings {
  readonly config: ListenerConfig;
  /** Of a listener that terminates TLS. */
  readonly tls?: TlsTermination | undefined;
}

/** What these settings ask of each connection. @param clients who has how many of them open */
export function admissionRulesOf(
  { config, tls }: EntranceSettings,
  clients: ClientConnections,
  ticker: Ticker,
  log: Logger,
): AdmissionRules {
  const { connectionsPerClient } = config.limits;
  clients.perClientMax = connectionsPerClient ?? Number.POSITIVE_INFINITY;
  return {
    listener: config.name,
    headerTimeoutMs: config.timeouts.header,
    proxyProtocol: config.proxyProtocol,
    trustedProxies: new TrustedProxies(config.trustedProxies),
    clients: connectionsPerClient === undefined ? undefined : clients,
    tls,
    ticker,
    log,
  };
}
