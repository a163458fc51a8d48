import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

/** A certificate that a listener can show. */
export interface Certificate {
  /** The names that clients ask for to get it; patterns may begin with `*.`. */
  readonly names: readonly string[];
  /** When it expires, as it says itself. */
  readonly validTo: string;
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
}

/**
 * A certificate of what its files hold.
 *
 * @param hosts the names that it is for; by default those that it is made out to
 * @throws Error of node:crypto or node:tls, if the texts are no certificate and the key to it
 */
export function certificateOf(
  cert: Buffer,
  key: Buffer,
  minVersion: SecureContextOptions['minVersion'],
  hosts?: readonly string[],
): Certificate {
  const leaf = new X509Certificate(cert);
  const options = { cert, key, ...(minVersion !== undefined && { minVersion }) };
  return {
    names: hosts ?? dnsNames(leaf.subjectAltName),
    validTo: leaf.validToDate.toISOString(),
    options,
    context: createSecureContext(options),
  };
}

/** Node quotes a name that could be mistaken for several; such a one is no host name and is passed over. */
const DNS_NAME = /(?<=^|, )DNS:([A-Za-z0-9*._-]+)(?=,|$)/g;

const dnsNames = (subjectAltName: string | undefined): readonly string[] =>
  Array.from(subjectAltName?.matchAll(DNS_NAME) ?? [], ([, name]) => name as string);
