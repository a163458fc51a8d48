import type { LookupAddress, LookupOptions } from 'node:dns';
import type { Clock, Random } from '@holdfast/shared';

/** One address of a name, and for how long it may be believed, in seconds. */
export interface AddressRecord {
  readonly address: string;
  readonly ttl: number;
}

/** Asks DNS for the IPv4 addresses of a name. Rejects if there is no answer, or an empty one. */
export type AskDns = (name: string) => Promise<readonly AddressRecord[]>;

type Callback = (
  error: NodeJS.ErrnoException | null,
  found: LookupAddress[] | string,
  family?: number,
) => void;

interface Answer {
  readonly addresses: readonly string[];
  readonly endsAtMs: number;
}

/**
 * The addresses that a name stands for, asked for again when the lifetime of the records is over: what `dns.lookup` does
 * not do, as it learns of no lifetime. Where DNS does not answer, what it said last is believed on.
 *
 * Each look-up has the addresses in an order of its own, so that clients spread over them. Whoever connects takes the next
 * one where the first does not answer.
 */
export class NamedNodes {
  readonly #ask: AskDns;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tries: number;
  #answer: Answer | undefined;

  /** @param tries how many of the addresses a look-up names at most: browsers try all, many programs one */
  constructor(ask: AskDns, clock: Clock, random: Random, tries: number) {
    this.#ask = ask;
    this.#clock = clock;
    this.#random = random;
    this.#tries = tries;
  }

  /** In place of `dns.lookup`, for one name. */
  readonly lookup = (name: string, options: LookupOptions, callback: Callback): void => {
    this.#addressesOf(name).then(
      (addresses) => {
        const found = addresses.slice(0, this.#tries).map((address) => ({ address, family: 4 }));
        if (options.all === true) callback(null, found);
        else callback(null, found[0]?.address ?? '', 4);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

  async #addressesOf(name: string): Promise<readonly string[]> {
    const known = this.#answer;
    if (known !== undefined && this.#clock.elapsed() < known.endsAtMs)
      return shuffled(known.addresses, this.#random);
    try {
      const records = await this.#ask(name);
      const ttlMs = 1_000 * Math.min(...records.map(({ ttl }) => ttl));
      const addresses = records.map(({ address }) => address);
      this.#answer = { addresses, endsAtMs: this.#clock.elapsed() + ttlMs };
      return shuffled(addresses, this.#random);
    } catch (error) {
      if (known === undefined) throw error;
      return shuffled(known.addresses, this.#random);
    }
  }
}

const shuffled = <T>(values: readonly T[], random: Random): readonly T[] =>
  values
    .map((value) => ({ value, rank: random.unit() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ value }) => value);
