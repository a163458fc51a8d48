import { type Clock, type EndpointId, restAfter } from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';
import { pinsByEndpoint } from '../pool/pins-by-endpoint.ts';

/** Where counting takes long, it is done less often. */
const FRESH_MS = 1_000;

/** How many pins each endpoint has, by the last count and by what has been moved since. */
export class PinCounts {
  readonly #inventory: Pick<SessionInventory, 'countByEndpoint'>;
  readonly #clock: Clock;
  #counts = new Map<EndpointId, number>();
  #freshUntilMs = Number.NEGATIVE_INFINITY;

  constructor(inventory: Pick<SessionInventory, 'countByEndpoint'>, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  of(endpoint: EndpointId): number {
    return this.#counts.get(endpoint) ?? 0;
  }

  moved(pins: number, from: EndpointId, to: EndpointId): void {
    this.#counts.set(from, this.of(from) - pins);
    this.#counts.set(to, this.of(to) + pins);
  }

  /** Has them counted, unless that was done a moment ago: others move sessions, and new ones come. */
  async keepFresh(): Promise<void> {
    if (this.#clock.elapsed() >= this.#freshUntilMs) await this.count();
  }

  async count(): Promise<void> {
    const askedAtMs = this.#clock.elapsed();
    this.#counts = pinsByEndpoint(await this.#inventory.countByEndpoint(this.#clock.now()));
    const nowMs = this.#clock.elapsed();
    this.#freshUntilMs = nowMs + Math.max(FRESH_MS, restAfter(nowMs - askedAtMs));
  }
}
