import { HTTP_METRICS } from '../telemetry/catalogue/http-metrics.ts';
import { isHistogramPoint, type MetricsSnapshot } from '../telemetry/snapshot.ts';

const { name: METRIC, buckets: BOUNDS = [] } = HTTP_METRICS.clientDuration;

const WINDOW_MS = 60_000;

/** How long an endpoint took until it answered: the upper bounds, in seconds, below which half and nearly all of its answers came. */
export interface EndpointLatency {
  /** Infinity: longer than the longest bound. */
  readonly p50: number;
  readonly p99: number;
}

/** Answers of each endpoint by bucket, since its process began to count. */
type Counts = ReadonlyMap<string, readonly number[]>;

interface Seen {
  readonly atMs: number;
  readonly counts: Counts;
}

/** Says how quick endpoints are at present: by what their histograms have grown in the last minute, as far as somebody has looked. */
export class EndpointLatencies {
  #seen: readonly Seen[] = [];

  /** @param nowMs of a clock that never goes back */
  see(snapshot: MetricsSnapshot, nowMs: number): void {
    const recent = this.#seen.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    this.#seen = [...recent, { atMs: nowMs, counts: countsOf(snapshot) }];
  }

  /** Undefined where no answer of the endpoint was seen to come. */
  of(endpoint: string): EndpointLatency | undefined {
    const now = this.#seen.at(-1)?.counts.get(endpoint) ?? [];
    const before = this.#seen[0]?.counts.get(endpoint) ?? [];
    // A process that was replaced has taken its counts with it.
    const grown = now.map((count, bucket) => Math.max(0, count - (before[bucket] ?? 0)));
    const total = grown.reduce((sum, count) => sum + count, 0);
    return total === 0 ? undefined : { p50: boundOf(grown, 0.5 * total), p99: boundOf(grown, 0.99 * total) };
  }
}

function countsOf(snapshot: MetricsSnapshot): Counts {
  const counts = new Map<string, readonly number[]>();
  for (const point of snapshot.find(({ name }) => name === METRIC)?.points ?? []) {
    if (!isHistogramPoint(point)) continue;
    const endpoint = String(point.attributes['holdfast.endpoint']);
    const before = counts.get(endpoint);
    counts.set(
      endpoint,
      point.counts.map((count, bucket) => count + (before?.[bucket] ?? 0)),
    );
  }
  return counts;
}

/** The upper bound of the bucket in which the one of that rank is. */
function boundOf(counts: readonly number[], rank: number): number {
  let sum = 0;
  const bucket = counts.findIndex((count) => {
    sum += count;
    return sum >= rank;
  });
  return BOUNDS[bucket] ?? Number.POSITIVE_INFINITY;
}
