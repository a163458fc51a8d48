import type { Merge } from './metric.ts';
import { findMetric } from './metric-catalogue.ts';
import {
  isHistogramPoint,
  type MetricPoints,
  type MetricsSnapshot,
  type Point,
  seriesKey,
} from './snapshot.ts';

/**
 * Several snapshots as one: of the sources of a process, or of the processes of a node. Series with equal attributes become one,
 * as their metric says; what is `first` is of the first snapshot that has any of the metric. Metrics that are not in the
 * catalogue, as of another release, are left out.
 */
export function mergedSnapshot(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const all = new Map<string, readonly (readonly Point[])[]>();
  for (const { name, points } of snapshots.flat()) all.set(name, [...(all.get(name) ?? []), points]);
  return [...all].flatMap(([name, given]): readonly MetricPoints[] => {
    const merge = findMetric(name)?.merge;
    if (merge === undefined) return [];
    const counted = merge === 'first' ? given.filter((points) => points.length > 0).slice(0, 1) : given;
    const [only = [], second] = counted;
    return [{ name, points: second === undefined ? only : mergedPoints(counted.flat(), merge) }];
  });
}

function mergedPoints(points: readonly Point[], merge: Merge): readonly Point[] {
  const merged = new Map<string, Point>();
  for (const point of points) {
    const key = seriesKey(point.attributes);
    const before = merged.get(key);
    merged.set(key, before === undefined ? point : both(before, point, merge));
  }
  return [...merged.values()];
}

/** Two points of one series as one. What cannot be added up, as it is of another release, stays out. */
function both(one: Point, other: Point, merge: Merge): Point {
  const since = earlier(one.sinceMs, other.sinceMs);
  if (isHistogramPoint(one) || isHistogramPoint(other)) {
    if (!isHistogramPoint(one) || !isHistogramPoint(other)) return one;
    if (one.counts.length !== other.counts.length) return one;
    const counts = one.counts.map((count, bucket) => count + (other.counts[bucket] as number));
    return { ...one, counts, sum: one.sum + other.sum, sinceMs: since as number };
  }
  return {
    ...one,
    value: NUMBERS[merge](one.value, other.value),
    ...(since !== undefined && { sinceMs: since }),
  };
}

const NUMBERS: Readonly<Record<Merge, (one: number, other: number) => number>> = {
  sum: (one, other) => one + other,
  max: Math.max,
  min: Math.min,
  first: (one) => one,
};

const earlier = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
