import { type Clock, poolOfEndpoint, RestedQuestion } from '@holdfast/shared';
import { AFFINITY_METRICS } from './catalogue/affinity-metrics.ts';
import { ENDPOINT_METRICS } from './catalogue/endpoint-metrics.ts';
import type { Attributes, MetricsSnapshot } from './snapshot.ts';

/** How old the counts are when the map is asked again, at least. */
const FRESH_MS = 2_000;
/** The same while the map does not answer. */
const RETRY_MS = 1_000;

type Counts = Readonly<Record<string, number>>;

export interface PinMetricsParts {
  /** Living pins by endpoint; undefined where the map cannot be asked. Never rejects. */
  readonly count: () => Promise<Counts | undefined>;
  /** The pools that pin sessions. */
  readonly pools: () => readonly string[];
  readonly clock: Clock;
}

/**
 * How many sessions each endpoint has, for the whole cluster. To count them is work for the session map, which is asked behind
 * whoever reads the metrics: at most every two seconds, and for a twentieth of the time. Nobody waits for it.
 */
export class PinMetrics {
  readonly #pools: () => readonly string[];
  readonly #counts: RestedQuestion<Counts | undefined>;

  constructor({ count, pools, clock }: PinMetricsParts) {
    this.#pools = pools;
    const keptForMs = (counts: Counts | undefined): number => (counts === undefined ? RETRY_MS : FRESH_MS);
    this.#counts = new RestedQuestion<Counts | undefined>({ ask: count, keptForMs, clock });
  }

  /** The latest counts, of the endpoints that `others` tells of and of those that only pins still name. */
  collect(others: MetricsSnapshot): MetricsSnapshot {
    void this.#counts.take();
    const { latest } = this.#counts;
    if (latest === undefined) return [];
    const pools = new Set(this.#pools());
    const known = others.find(({ name }) => name === ENDPOINT_METRICS.up.name)?.points ?? [];
    const none = known.map(({ attributes }) => [String(attributes['holdfast.endpoint']), 0] as const);
    const pins = Object.entries({ ...Object.fromEntries(none), ...latest });
    const points = pins.map(([endpoint, value]) => ({ attributes: ofEndpoint(endpoint), value }));
    return [
      {
        name: AFFINITY_METRICS.pins.name,
        points: points.filter(({ attributes }) => pools.has(String(attributes['holdfast.pool']))),
      },
    ];
  }
}

const ofEndpoint = (id: string): Attributes => ({
  'holdfast.pool': poolOfEndpoint(id),
  'holdfast.endpoint': id,
});
