import type { Clock } from '@holdfast/shared';
import type { AddressFamily, AddressRecord, DnsLookup } from './dns-lookup.ts';

interface Kept {
  readonly addresses: readonly string[];
  readonly untilMs: number;
}

/** The addresses of the targets of SRV records, asked for again when their lifetime is over. */
export class TargetAddresses {
  readonly #lookup: DnsLookup;
  readonly #family: AddressFamily;
  readonly #clock: Clock;
  #kept: ReadonlyMap<string, Kept> = new Map();

  constructor(lookup: DnsLookup, family: AddressFamily, clock: Clock) {
    this.#lookup = lookup;
    this.#family = family;
    this.#clock = clock;
  }

  /**
   * By target; others than these are forgotten. One that cannot be found out stays where it was known to be.
   *
   * Rejects if one cannot be found out that was not known before.
   */
  async of(targets: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const kept = await Promise.all(targets.map(async (target) => [target, await this.#of(target)] as const));
    this.#kept = new Map(kept);
    return new Map(kept.map(([target, { addresses }]) => [target, addresses]));
  }

  async #of(target: string): Promise<Kept> {
    const kept = this.#kept.get(target);
    if (kept !== undefined && this.#clock.elapsed() < kept.untilMs) return kept;
    try {
      const records = await this.#lookup.addresses(target, this.#family);
      const untilMs = this.#clock.elapsed() + lifetimeMsOf(records);
      return { addresses: records.map(({ address }) => address), untilMs };
    } catch (error) {
      if (kept === undefined) throw error;
      return kept;
    }
  }
}

/** However long the records say. */
const LIFETIME_SECONDS_MAX = 60;

/** A target that has no address yet may have one the next moment. */
const lifetimeMsOf = (records: readonly AddressRecord[]): number =>
  records.length === 0
    ? 0
    : Math.min(...records.map(({ ttlSeconds }) => ttlSeconds), LIFETIME_SECONDS_MAX) * 1_000;
