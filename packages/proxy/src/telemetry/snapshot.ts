import type { EpochMs } from '@holdfast/shared';
import { z } from 'zod';

/** The attributes of one series. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A number of one series. */
export interface NumberPoint {
  readonly attributes: Attributes;
  readonly value: number;
  /** Since when it is counted; absent of what is the case now. */
  readonly sinceMs?: EpochMs | undefined;
}

/** The durations of one series, in the unit of the metric. */
export interface HistogramPoint {
  readonly attributes: Attributes;
  /** How many fell into each bucket; one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly sinceMs: EpochMs;
}

export type Point = NumberPoint | HistogramPoint;

/** All series of one metric. */
export interface MetricPoints {
  /** As in the catalogue. */
  readonly name: string;
  readonly points: readonly Point[];
}

/** What the metrics of a process, or of a node, are at one moment: plain values, which other processes can read. */
export type MetricsSnapshot = readonly MetricPoints[];

/** Says what some metrics are at the moment. */
export interface MetricSource {
  collect(): MetricsSnapshot;
}

const attributes = z.record(z.string(), z.union([z.string(), z.number()]));
const sinceMs = z.number();

const snapshot = z.array(
  z.object({
    name: z.string(),
    points: z.array(
      z.union([
        z.object({ attributes, counts: z.array(z.number()), sum: z.number(), sinceMs }),
        z.object({ attributes, value: z.number(), sinceMs: sinceMs.optional() }),
      ]),
    ),
  }),
);

/** A snapshot as it came from another process; undefined if it is none that this release can read. */
export const readSnapshot = (given: unknown): MetricsSnapshot | undefined => snapshot.safeParse(given).data;

export const isHistogramPoint = (point: Point): point is HistogramPoint => 'counts' in point;

/** One string for equal attributes, whoever has made them and in whatever order. */
export const seriesKey = (given: Attributes): string =>
  JSON.stringify(Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1)));
