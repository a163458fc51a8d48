import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The certificates of the tests, which `generate.sh` has made: an authority `ca`; of it `shop` and its successor
 * `shop-renewed` (shop.test and *.shop.test), `other` (other.test), `endpoint` (endpoint.test, localhost and 127.0.0.1)
 * and `node` (node.test); and `stranger`, which has signed itself for shop.test and localhost.
 */
export type TestCertificate = 'shop' | 'shop-renewed' | 'other' | 'endpoint' | 'node' | 'stranger';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The files of a certificate and its key. */
export const certificateFiles = (name: TestCertificate) => ({
  cert: pathOf(`${name}.pem`),
  key: pathOf(`${name}-key.pem`),
});

/** The file of the authority that has signed them, but for `stranger`. */
export const authorityFile = pathOf('ca.pem');

/** What the files hold, as node:tls takes it. */
export function certificatePem(name: TestCertificate): { readonly cert: Buffer; readonly key: Buffer } {
  const { cert, key } = certificateFiles(name);
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

export const authorityPem = (): Buffer => readFileSync(authorityFile);
