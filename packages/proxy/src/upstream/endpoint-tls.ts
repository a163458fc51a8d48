import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import type { EndpointTlsConfig } from '@holdfast/shared/config';
import { readPem, usePem } from '../tls/pem-files.ts';

/** How TLS is spoken with the endpoints of a pool, in the words of node:tls. */
export interface EndpointTls {
  readonly secureContext: SecureContext;
  /** The name that endpoints are asked for and must prove. Default: the host of their URL. */
  readonly servername?: string;
  /** Whether an endpoint that cannot prove its name is refused. */
  readonly rejectUnauthorized: boolean;
}

/** @throws HoldfastError `INTERNAL` naming the file, if one cannot be read or used */
export async function openEndpointTls(config: EndpointTlsConfig): Promise<EndpointTls> {
  const { ca, cert, key, serverName, verify } = config;
  const [caPem, certPem, keyPem] = await Promise.all([ca, cert, key].map((file) => file && readPem(file)));
  const files = [ca, cert, key].filter((file) => file !== undefined).join(', ');
  return {
    secureContext: usePem(files, () => {
      // node:tls passes over an authority that is no certificate, and would trust nobody without a word.
      if (caPem) new X509Certificate(caPem);
      return createSecureContext({ ca: caPem, cert: certPem, key: keyPem });
    }),
    ...(serverName !== undefined && { servername: serverName }),
    rejectUnauthorized: verify,
  };
}

/** Only HTTP/1.1 is spoken with endpoints. An address is no server name (RFC 6066 section 3). */
export const endpointTlsOptions = (hostname: string, tls: EndpointTls | undefined): ConnectionOptions => ({
  ALPNProtocols: ['http/1.1'],
  ...(isIP(hostname) === 0 && { servername: hostname }),
  ...tls,
});
