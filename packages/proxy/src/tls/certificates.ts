import type { SecureContext } from 'node:tls';
import type { CancelTimer, Clock, EpochMs, Logger } from '@holdfast/shared';
import type { ListenerTlsConfig } from '@holdfast/shared/config';
import type { Certificate } from './certificate.ts';
import { CertificateFiles } from './certificate-files.ts';
import { ServerNames } from './server-names.ts';

/** Who the certificates are for, and where it is told that one has changed. */
export interface CertificatesContext {
  /** The name of the listener. */
  readonly listener: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Until when a certificate of a listener is valid, by its own word. */
export interface CertificateExpiry {
  /** The file that it is in. */
  readonly path: string;
  readonly expiresAtMs: EpochMs;
}

/** Watching directories misses replaced links and remote file systems; asking for the time of a file does not. */
const POLL_INTERVAL_MS = 2_000;

/** The certificates of a listener. While they are watched, a change of their files is noticed within seconds. */
export class Certificates {
  readonly #files: readonly CertificateFiles[];
  readonly #context: CertificatesContext;
  #byName = new ServerNames<Certificate>();
  #cancelPoll: CancelTimer | undefined;
  #isWatching = false;

  /** @throws HoldfastError `INTERNAL` naming the listener and the file, if one cannot be read or used */
  static async open(
    { certificates, minVersion }: ListenerTlsConfig,
    context: CertificatesContext,
  ): Promise<Certificates> {
    const files = await Promise.all(certificates.map((config) => CertificateFiles.open(config, minVersion)));
    return new Certificates(files, context);
  }

  private constructor(files: readonly CertificateFiles[], context: CertificatesContext) {
    this.#files = files;
    this.#context = context;
    this.#index();
  }

  /** The one for clients that ask for no name, or for one that no certificate is for. */
  get default(): Certificate {
    return (this.#files[0] as CertificateFiles).certificate;
  }

  /** Of those that are in use at the moment. */
  get expiries(): readonly CertificateExpiry[] {
    return this.#files.map(({ path, certificate }) => ({
      path,
      expiresAtMs: Date.parse(certificate.validTo),
    }));
  }

  /** The one for clients that ask for this name. */
  find(serverName: string): SecureContext {
    return (this.#byName.find(serverName) ?? this.default).context;
  }

  /** Looks at the files from now on. @param onChange told after a certificate has been replaced */
  watch(onChange: () => void): void {
    this.#isWatching = true;
    this.#plan(onChange);
  }

  unwatch(): void {
    this.#isWatching = false;
    this.#cancelPoll?.();
  }

  #plan(onChange: () => void): void {
    this.#cancelPoll = this.#context.clock.after(POLL_INTERVAL_MS, async () => {
      const hasChanged = await this.#refresh();
      if (!this.#isWatching) return;
      if (hasChanged) onChange();
      this.#plan(onChange);
    });
  }

  async #refresh(): Promise<boolean> {
    const changes = await Promise.all(this.#files.map((files) => this.#refreshOne(files)));
    if (!changes.includes(true)) return false;
    this.#index();
    return true;
  }

  async #refreshOne(files: CertificateFiles): Promise<boolean> {
    const news = await files.refresh();
    const { listener, log } = this.#context;
    const fields = { listener, certificate: files.path, valid_to: files.certificate.validTo };
    if (news.kind === 'replaced') log.info(fields, 'certificate replaced');
    if (news.kind === 'refused') {
      log.warn(
        { ...fields, reason: news.error.message },
        'certificate kept, because its new files cannot be used',
      );
    }
    return news.kind === 'replaced';
  }

  #index(): void {
    this.#byName = new ServerNames();
    for (const { certificate } of this.#files) {
      for (const name of certificate.names) this.#byName.add(name, certificate);
    }
  }
}
