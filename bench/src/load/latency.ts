/** How long answers took, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The percentiles of all samples, exact: the least sample that so many of them do not exceed. 0 where there are none. */
export function latencyOf(samplesMs: Float64Array): Latency {
  const sorted = samplesMs.toSorted();
  const percentile = (share: number): number =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return {
    p50: percentile(0.5),
    p90: percentile(0.9),
    p99: percentile(0.99),
    p999: percentile(0.999),
    max: percentile(1),
  };
}
