import type { CancelTimer, Clock } from '@holdfast/shared';
import type { DiscoveryConfigOf } from '@holdfast/shared/config';
import {
  endpointAt,
  failed,
  type HearAnswer,
  type Registry,
  type RegistryAnswer,
  urlAt,
} from '../registry.ts';
import type { DnsLookup } from './dns-lookup.ts';
import { serviceEndpoints } from './service-endpoints.ts';
import { TargetAddresses } from './target-addresses.ts';

/** An answer, and when to ask again: a lifetime of 0 means as soon as may be. */
interface LivingAnswer {
  readonly answer: RegistryAnswer;
  readonly lifetimeMs: number;
}

/** Names the endpoints that DNS knows: all records of a name, asked for whenever their lifetime is over. */
export class DnsRegistry implements Registry {
  readonly #config: DiscoveryConfigOf<'dns'>;
  readonly #lookup: DnsLookup;
  readonly #clock: Clock;
  readonly #targets: TargetAddresses;
  #hear: HearAnswer | undefined;
  #cancel: CancelTimer = () => {};

  constructor(config: DiscoveryConfigOf<'dns'>, lookup: DnsLookup, clock: Clock) {
    this.#config = config;
    this.#lookup = lookup;
    this.#clock = clock;
    this.#targets = new TargetAddresses(lookup, config.family, clock);
  }

  start(hear: HearAnswer): void {
    this.#hear = hear;
    void this.#ask();
  }

  stop(): void {
    this.#hear = undefined;
    this.#cancel();
    this.#lookup.cancel();
  }

  async #ask(): Promise<void> {
    const { answer, lifetimeMs } = await this.#lookUp();
    if (this.#hear === undefined) return;
    const { interval, intervalMax } = this.#config;
    const delayMs = Math.min(Math.max(interval, lifetimeMs), intervalMax);
    this.#cancel = this.#clock.after(delayMs, () => void this.#ask());
    this.#hear(answer);
  }

  async #lookUp(): Promise<LivingAnswer> {
    try {
      return await (this.#config.record === 'a' ? this.#addresses() : this.#services());
    } catch (error) {
      return { answer: failed(error), lifetimeMs: 0 };
    }
  }

  async #addresses(): Promise<LivingAnswer> {
    const { name, family, scheme, port = 0 } = this.#config;
    const records = await this.#lookup.addresses(name, family);
    const endpoints = records.map(({ address }) => endpointAt(urlAt(scheme, address, port)));
    const lifetimeMs = Math.min(...records.map(({ ttlSeconds }) => ttlSeconds * 1_000));
    return { answer: { kind: 'named', endpoints }, lifetimeMs: records.length === 0 ? 0 : lifetimeMs };
  }

  /** How long SRV records live, programs are not told: they are asked for as often as may be. */
  async #services(): Promise<LivingAnswer> {
    const { name, scheme } = this.#config;
    const records = await this.#lookup.services(name);
    const addressesOf = await this.#targets.of([...new Set(records.map((record) => record.name))]);
    return {
      answer: { kind: 'named', endpoints: serviceEndpoints(records, addressesOf, scheme) },
      lifetimeMs: 0,
    };
  }
}
