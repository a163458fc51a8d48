import { type Clock, restAfter } from '@holdfast/shared';
import { AFFINITY_METRICS } from './catalogue/affinity-metrics.ts';
import { ENDPOINT_METRICS } from './catalogue/endpoint-metrics.ts';
import type { Attributes, MetricsSnapshot } from './snapshot.ts';

/** How old the counts are when the map is asked again, at least. */
const FRESH_MS = 2_000;
/** The same while the map does not answer. */
const RETRY_MS = 1_000;

export interface PinCountsParts {
  /** Living pins by endpoint; undefined where the map cannot be asked. Never rejects. */
  readonly count: () => Promise<Readonly<Record<string, number>> | undefined>;
  /** The pools that pin sessions. */
  readonly pools: () => readonly string[];
  readonly clock: Clock;
}

/**
 * How many sessions each endpoint has, for the whole cluster. To count them is work for the session map, which is asked behind
 * whoever reads the metrics: at most every two seconds, and for a twentieth of the time. Nobody waits for it.
 */
export class PinCounts {
  readonly #parts: PinCountsParts;
  #counted: Readonly<Record<string, number>> | undefined;
  #isAsking = false;
  #freshUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: PinCountsParts) {
    this.#parts = parts;
  }

  /** The latest counts, of the endpoints that `others` tells of and of those that only pins still name. */
  collect(others: MetricsSnapshot): MetricsSnapshot {
    if (!this.#isAsking && this.#parts.clock.elapsed() >= this.#freshUntilMs) void this.#ask();
    if (this.#counted === undefined) return [];
    const pools = new Set(this.#parts.pools());
    const known = others.find(({ name }) => name === ENDPOINT_METRICS.up.name)?.points ?? [];
    const none = known.map(({ attributes }) => [String(attributes['holdfast.endpoint']), 0] as const);
    const pins = Object.entries({ ...Object.fromEntries(none), ...this.#counted });
    const points = pins.map(([endpoint, value]) => ({ attributes: ofEndpoint(endpoint), value }));
    return [
      {
        name: AFFINITY_METRICS.pins.name,
        points: points.filter(({ attributes }) => pools.has(String(attributes['holdfast.pool']))),
      },
    ];
  }

  async #ask(): Promise<void> {
    const { count, clock } = this.#parts;
    this.#isAsking = true;
    const askedAtMs = clock.elapsed();
    this.#counted = await count();
    const nowMs = clock.elapsed();
    const everyMs = this.#counted === undefined ? RETRY_MS : FRESH_MS;
    this.#freshUntilMs = Math.max(askedAtMs + everyMs, nowMs + restAfter(nowMs - askedAtMs));
    this.#isAsking = false;
  }
}

const ofEndpoint = (id: string): Attributes => ({
  'holdfast.pool': id.slice(0, id.indexOf('/')),
  'holdfast.endpoint': id,
});
