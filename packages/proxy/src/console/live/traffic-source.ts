import { HoldfastError } from '@holdfast/shared';
import type { Operations } from '../../admin/admin-app.ts';
import { percentileMs } from '../../record/latencies.ts';
import { Latest } from '../../record/latest.ts';
import type { TrafficLine } from '../../record/traffic-line.ts';
import { addedPoints, jointPoints, type TrafficPoint, trafficPage } from '../../record/traffic-page.ts';
import type { FeedMessage, FeedSource } from './feed-source.ts';

/** What a second or a minute has brought, as pages draw it. */
export interface ChartPoint {
  readonly second: number;
  readonly finished: number;
  readonly failed: number;
  readonly moved: number;
  /** Absent where nothing was finished. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** Ten minutes. */
const SECONDS_MAX = 600;
const MINUTE = 60;
/** So many requests has a page that was just opened. */
const LINES_MAX = 200;

/** Requests as they pass through this node, and charts of the last ten minutes. */
export class TrafficSource implements FeedSource {
  readonly topics = ['traffic', 'requests'];
  readonly #ask: Operations['ask'];
  readonly #lines = new Latest<TrafficLine>(LINES_MAX);
  #points: readonly TrafficPoint[] = [];
  #cursor: string | undefined;

  constructor(ask: Operations['ask']) {
    this.#ask = ask;
  }

  async look(tell: (news: FeedMessage) => void): Promise<void> {
    const answer = await this.#ask({ kind: 'traffic', after: this.#cursor });
    if (answer.kind === 'refused') throw new HoldfastError(answer.code, answer.message);
    const { cursor, points, lines } = trafficPage.parse(answer.value);
    this.#cursor = cursor;
    for (const line of lines) this.#lines.add(line);
    // A process may tell of a second a moment after the others have: its part is added.
    this.#points = latest(jointPoints([...this.#points, ...points]));
    const seconds = new Set(points.map(({ second }) => second));
    const changed = this.#points.filter(({ second }) => seconds.has(second));
    if (changed.length > 0) tell({ topic: 'traffic', data: this.#chart(changed) });
    const leftOut = points.reduce((sum, point) => sum + point.leftOut, 0);
    if (lines.length > 0 || leftOut > 0) tell({ topic: 'requests', data: { lines, leftOut } });
  }

  all(): readonly FeedMessage[] {
    return [
      { topic: 'traffic', data: { all: true, ...this.#chart(this.#points) } },
      { topic: 'requests', data: { all: true, lines: this.#lines.all, leftOut: 0 } },
    ];
  }

  /** These seconds, and the minutes that they are in. */
  #chart(seconds: readonly TrafficPoint[]) {
    const changed = new Set(seconds.map(minuteOf));
    const minutes = Map.groupBy(this.#points, minuteOf);
    return {
      seconds: seconds.map(chartPoint),
      minutes: [...minutes]
        .filter(([minute]) => changed.has(minute))
        .map(([minute, points]) => chartPoint({ ...addedPoints(points), second: minute })),
    };
  }
}

const minuteOf = ({ second }: TrafficPoint): number => second - (second % MINUTE);

function latest(points: readonly TrafficPoint[]): readonly TrafficPoint[] {
  const from = (points.at(-1)?.second ?? 0) - SECONDS_MAX;
  return points.filter(({ second }) => second > from);
}

function chartPoint({ second, finished, failed, moved, latencies }: TrafficPoint): ChartPoint {
  const [p50Ms, p99Ms] = [percentileMs(latencies, 0.5), percentileMs(latencies, 0.99)];
  return {
    ...{ second, finished, failed, moved },
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
  };
}
