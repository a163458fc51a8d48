import { type Clock, HoldfastError, type Logger } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import { Certificates } from '../tls/certificates.ts';
import { TlsTermination } from '../tls/tls-termination.ts';
import { type EndpointTls, openEndpointTls } from '../upstream/endpoint-tls.ts';

/** The TLS of a node. */
export interface OpenedTls {
  /** Towards clients, by the name of the listener. */
  readonly terminations: ReadonlyMap<string, TlsTermination>;
  /** Towards endpoints, by the name of the pool. */
  readonly endpointTls: ReadonlyMap<string, EndpointTls>;
}

/**
 * Reads all certificates and keys that the configuration names.
 *
 * @throws HoldfastError `INTERNAL` naming the listener or pool and the file, if one cannot be read or used
 */
export async function openTls({ listeners, pools }: Config, clock: Clock, log: Logger): Promise<OpenedTls> {
  const terminations = new Map<string, TlsTermination>();
  for (const { name, tls, server } of listeners) {
    if (tls === undefined) continue;
    const certificates = await Certificates.open(tls, { listener: name, clock, log }).catch(
      blame(`listener "${name}"`),
    );
    terminations.set(name, new TlsTermination(certificates, log, name, PROTOCOLS[server]));
  }
  const endpointTls = new Map<string, EndpointTls>();
  for (const { name, tls } of pools) {
    if (tls !== undefined) endpointTls.set(name, await openEndpointTls(tls).catch(blame(`pool "${name}"`)));
  }
  return { terminations, endpointTls };
}

/** What each server speaks, by the names of ALPN. */
const PROTOCOLS = { wire: ['http/1.1'], node: ['h2', 'http/1.1'] };

/** Says whose files they were. */
export const blame =
  (who: string) =>
  (thrown: unknown): never => {
    const error = HoldfastError.from(thrown);
    throw new HoldfastError(error.code, `${who}: ${error.message}`, error.cause);
  };
