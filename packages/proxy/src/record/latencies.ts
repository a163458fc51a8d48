/** How many took how long: counts by bucket. Buckets that are empty are left out; counts of several can be added up. */
export type LatencyCounts = Readonly<Record<string, number>>;

/** The upper bound of the first bucket. Below, nobody tells one time from another. */
const SHORTEST_MS = 0.05;
/** A bucket ends so many times as late as the one before. */
const GROWTH = 1.1;
/** The last bucket, which has no end, begins beyond two minutes. */
const LAST_BUCKET = 155;

const LOG_GROWTH = Math.log(GROWTH);

/** Counts durations in buckets that grow by a tenth, from 0.05 ms to two minutes: a bounded size whatever there is to count. */
export class Latencies {
  readonly #counts = new Map<number, number>();

  add(durationMs: number): void {
    const bucket = bucketOf(durationMs);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }

  get counts(): LatencyCounts {
    return Object.fromEntries(this.#counts);
  }
}

/** The counts of all of them together. */
export function addedLatencies(all: Iterable<LatencyCounts>): LatencyCounts {
  const sum: Record<string, number> = {};
  for (const counts of all)
    for (const [bucket, count] of Object.entries(counts)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

/**
 * How long the quickest `share` of all took at most: the end of the bucket in which the last of them is, and so up to a tenth
 * more than it was. Undefined where nothing was counted.
 *
 * @param share such as 0.99
 */
export function percentileMs(counts: LatencyCounts, share: number): number | undefined {
  const buckets = Object.entries(counts)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((one, other) => one.bucket - other.bucket);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let left = Math.ceil(total * share);
  for (const { bucket, count } of buckets) {
    left -= count;
    if (left <= 0) return SHORTEST_MS * GROWTH ** bucket;
  }
  return undefined;
}

function bucketOf(durationMs: number): number {
  if (!(durationMs > SHORTEST_MS)) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(Math.log(durationMs / SHORTEST_MS) / LOG_GROWTH));
}
