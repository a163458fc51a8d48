import { z } from 'zod';
import { addedLatencies } from './latencies.ts';
import { jointCursor } from './traffic-cursor.ts';
import { trafficLine } from './traffic-line.ts';

const count = z.int().min(0);

/** What a second has brought. */
export const trafficPoint = z.object({
  /** Whole seconds since the epoch. */
  second: z.int(),
  /** Requests, connections and flows that were over in it. */
  finished: count,
  /** Those of them that failed by no fault of the client: answers of 500 and above, and connections that came to no endpoint. */
  failed: count,
  /** Pins that were moved, by requests and between them. */
  moved: count,
  /** Those for which there is no line, as there were too many. */
  leftOut: count,
  /** How long requests took; how long a connection lasts says nothing. */
  latencies: z.record(z.string(), count),
});
export type TrafficPoint = z.output<typeof trafficPoint>;

/** What a process tells of its traffic: what is new since a cursor, and the next cursor. */
export const trafficPage = z.object({
  cursor: z.string(),
  /** Seconds that are over, oldest first; those in which nobody looked on are missing. */
  points: z.array(trafficPoint),
  lines: z.array(trafficLine),
});
export type TrafficPage = z.output<typeof trafficPage>;

/** What several processes of a node tell that were asked after that cursor, as if it were one. */
export function jointPage(pages: readonly TrafficPage[], after: string | undefined): TrafficPage {
  return {
    cursor: jointCursor(
      pages.map(({ cursor }) => cursor),
      after,
    ),
    points: jointPoints(pages.flatMap(({ points }) => points)),
    lines: pages.flatMap(({ lines }) => lines).sort((one, other) => one.atMs - other.atMs),
  };
}

/** One point for each second, oldest first. */
export function jointPoints(points: readonly TrafficPoint[]): TrafficPoint[] {
  const bySecond = Map.groupBy(points, ({ second }) => second);
  return [...bySecond]
    .map(([second, parts]) => ({ ...addedPoints(parts), second }))
    .sort((one, other) => one.second - other.second);
}

/** What all of these seconds have brought together; `second` is that of the first. */
export function addedPoints(parts: readonly TrafficPoint[]): TrafficPoint {
  const total = (countOf: (point: TrafficPoint) => number): number =>
    parts.reduce((sum, point) => sum + countOf(point), 0);
  return {
    second: parts[0]?.second ?? 0,
    finished: total(({ finished }) => finished),
    failed: total(({ failed }) => failed),
    moved: total(({ moved }) => moved),
    leftOut: total(({ leftOut }) => leftOut),
    latencies: addedLatencies(parts.map(({ latencies }) => latencies)),
  };
}
