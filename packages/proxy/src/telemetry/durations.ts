import type { EpochMs } from '@holdfast/shared';
import type { Metric } from './metric.ts';
import type { Attributes, HistogramPoint } from './snapshot.ts';

/** The upper bounds of the buckets of a histogram of seconds, in milliseconds. */
export const boundsMsOf = ({ buckets = [] }: Metric): readonly number[] =>
  buckets.map((seconds) => seconds * 1_000);

/** How often a duration was in which bucket: plain numbers, so that taking one in allocates nothing. */
export class Durations {
  readonly sinceMs: EpochMs;
  readonly #boundsMs: readonly number[];
  readonly #counts: number[];
  #sumMs = 0;

  constructor(boundsMs: readonly number[], sinceMs: EpochMs) {
    this.sinceMs = sinceMs;
    this.#boundsMs = boundsMs;
    this.#counts = new Array<number>(boundsMs.length + 1).fill(0);
  }

  add(durationMs: number): void {
    const bounds = this.#boundsMs;
    let bucket = 0;
    while (bucket < bounds.length && durationMs > (bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sumMs += durationMs;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  point(attributes: Attributes): HistogramPoint {
    return { attributes, counts: [...this.#counts], sum: this.#sumMs / 1_000, sinceMs: this.sinceMs };
  }
}
