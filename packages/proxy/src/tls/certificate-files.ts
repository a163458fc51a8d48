import { stat } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/shared';
import type { CertificateConfig, ListenerTlsConfig } from '@holdfast/shared/config';
import { type Certificate, certificateOf } from './certificate.ts';
import { readPem, usePem } from './pem-files.ts';

/**
 * What has become of the files since they were last looked at.
 *
 * - `unchanged`: nothing
 * - `replaced`: they hold another certificate, which is in use from now on
 * - `refused`: they hold nothing that can be used, and the certificate before stays; told once for each change
 */
export type CertificateNews =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'replaced' }
  | { readonly kind: 'refused'; readonly error: HoldfastError };

const UNCHANGED: CertificateNews = { kind: 'unchanged' };

/** The files of one certificate, and what they held when they last made sense. */
export class CertificateFiles {
  readonly #config: CertificateConfig;
  readonly #minVersion: ListenerTlsConfig['minVersion'];
  #certificate: Certificate;
  #stamp: string;

  /** @throws HoldfastError `INTERNAL` naming the file, if it cannot be read or used */
  static async open(
    config: CertificateConfig,
    minVersion: ListenerTlsConfig['minVersion'],
  ): Promise<CertificateFiles> {
    // The stamp comes first: what changes while the files are read is noticed at the next look.
    const stamp = await stampOf(config);
    return new CertificateFiles(config, minVersion, await read(config, minVersion), stamp);
  }

  private constructor(
    config: CertificateConfig,
    minVersion: ListenerTlsConfig['minVersion'],
    certificate: Certificate,
    stamp: string,
  ) {
    this.#config = config;
    this.#minVersion = minVersion;
    this.#certificate = certificate;
    this.#stamp = stamp;
  }

  /** The file of the certificate, by which people know it. */
  get path(): string {
    return this.#config.cert;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  /** Reads the files again if they have changed. Never rejects. */
  async refresh(): Promise<CertificateNews> {
    const stamp = await stampOf(this.#config);
    if (stamp === this.#stamp) return UNCHANGED;
    this.#stamp = stamp;
    try {
      this.#certificate = await read(this.#config, this.#minVersion);
      return { kind: 'replaced' };
    } catch (error) {
      return { kind: 'refused', error: HoldfastError.from(error) };
    }
  }
}

async function read(
  { cert, key, hosts }: CertificateConfig,
  minVersion: ListenerTlsConfig['minVersion'],
): Promise<Certificate> {
  const [certPem, keyPem] = await Promise.all([readPem(cert), readPem(key)]);
  return usePem(`certificate ${cert} with key ${key}`, () =>
    certificateOf(certPem, keyPem, minVersion, hosts),
  );
}

/** Differs whenever one of the files was written, replaced or taken away. */
const stampOf = async ({ cert, key }: CertificateConfig): Promise<string> =>
  (await Promise.all([stampOfFile(cert), stampOfFile(key)])).join(' ');

async function stampOfFile(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs}/${size}/${ino}`;
  } catch {
    return 'none';
  }
}
