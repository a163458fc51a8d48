import type { Logger, Ticker } from '@holdfast/shared';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import type { ListenerSettings } from '../listener/listener.ts';
import type { AdmissionRules } from './admission.ts';
import type { ClientConnections } from './client-connections.ts';

/** What the settings of a listener ask of its connections. @param clients who has how many of them open */
export function admissionRulesOf(
  { config, tls }: Pick<ListenerSettings, 'config' | 'tls'>,
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
