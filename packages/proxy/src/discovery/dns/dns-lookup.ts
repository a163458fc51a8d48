import { Resolver } from 'node:dns/promises';

/** An address of a name. */
export interface AddressRecord {
  readonly address: string;
  /** How long it may be gone by. */
  readonly ttlSeconds: number;
}

/** An SRV record (RFC 2782). */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  /** Those with the lowest number serve; the others do where these cannot. */
  readonly priority: number;
  readonly weight: number;
}

export type AddressFamily = 'any' | 'ipv4' | 'ipv6';

/** Asks DNS. Every question rejects where no answer comes, or one that says that it could not be found out. */
export interface DnsLookup {
  /** All addresses of a name; none if it has none, or there is no such name. */
  addresses(name: string, family: AddressFamily): Promise<readonly AddressRecord[]>;
  /** All SRV records of a name, of whose lifetime programs are not told. */
  services(name: string): Promise<readonly ServiceRecord[]>;
  /** Breaks off what is under way. */
  cancel(): void;
}

export interface DnsLookupOptions {
  /** Who is asked, by address. Default: the resolvers of this machine. */
  readonly resolvers?: readonly string[] | undefined;
  /** For one question to one resolver. */
  readonly timeoutMs: number;
}

/** Each resolver is asked twice before that counts as no answer. */
const TRIES = 2;

/** Node's own resolver, which takes answers of any length: what does not fit in a datagram comes by TCP. */
export class NodeDnsLookup implements DnsLookup {
  readonly #options: DnsLookupOptions;
  #resolver: Resolver | undefined;

  constructor(options: DnsLookupOptions) {
    this.#options = options;
  }

  async addresses(name: string, family: AddressFamily): Promise<readonly AddressRecord[]> {
    const resolver = this.#open();
    const answers = await Promise.all([
      family === 'ipv6' ? [] : this.#ask(resolver.resolve4(name, { ttl: true })),
      family === 'ipv4' ? [] : this.#ask(resolver.resolve6(name, { ttl: true })),
    ]);
    return answers.flat().map(({ address, ttl }) => ({ address, ttlSeconds: ttl }));
  }

  services(name: string): Promise<readonly ServiceRecord[]> {
    return this.#ask(this.#open().resolveSrv(name));
  }

  cancel(): void {
    this.#resolver?.cancel();
  }

  /** Made anew after a failure: the resolvers of this machine may be others by then. */
  #open(): Resolver {
    if (this.#resolver !== undefined) return this.#resolver;
    const { timeoutMs, resolvers } = this.#options;
    this.#resolver = new Resolver({ timeout: timeoutMs, maxTimeout: timeoutMs, tries: TRIES });
    if (resolvers !== undefined) this.#resolver.setServers(resolvers);
    return this.#resolver;
  }

  async #ask<Record>(question: Promise<Record[]>): Promise<readonly Record[]> {
    try {
      return await question;
    } catch (error) {
      if (isAnswer(error)) return [];
      this.#resolver = undefined;
      throw error;
    }
  }
}

/** That there is no such name, or no such record of it, is something that DNS knows. */
const isAnswer = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENODATA' || error.code === 'ENOTFOUND');
