import type { CancelTimer, Clock, EpochMs } from '@holdfast/shared';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';
import type { ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';
import { Latencies } from './latencies.ts';
import { Latest } from './latest.ts';
import { LineAllowance } from './line-allowance.ts';
import { positionIn, trafficCursor } from './traffic-cursor.ts';
import { lineOfConnection, lineOfRequest, type TrafficLine } from './traffic-line.ts';
import type { TrafficPage, TrafficPoint } from './traffic-page.ts';

export interface TrafficLogParts {
  readonly clock: Clock;
  /** Tells what this process says from what another one says, and from its earlier lives. */
  readonly life: string;
  /** How many pins this process has moved between requests so far. */
  readonly movedBetweenRequests: () => number;
}

/** Whoever looks on asks once a second; one who has not for so long is gone. */
const WATCHED_FOR_MS = 5_000;
/** Longer than a watch lasts without a question: more seconds than these pass at once only where the clock is set. */
const SILENT_SECONDS_MAX = 30;
/** Ten minutes. */
const POINTS_MAX = 600;
const LINES_MAX = 500;
/** Of ordinary requests, and as many again of those that somebody may be looking for. */
const LINES_PER_SECOND = 25;

/**
 * What passes through this process, for people who look on: a line for each request, and what each second has brought. It only
 * listens while somebody asks; a request that nobody watches costs one comparison.
 *
 * Of more than 25 requests a second, some have no line: they are spread over the second, and those whose session was moved or
 * that failed have 25 lines to themselves, so that the crowd does not hide them.
 */
export class TrafficLog implements ConnectionRecorder {
  readonly #parts: TrafficLogParts;
  readonly #points = new Latest<TrafficPoint>(POINTS_MAX);
  readonly #lines = new Latest<TrafficLine>(LINES_MAX);
  #watched: Watched | undefined;
  #forget: CancelTimer | undefined;

  constructor(parts: TrafficLogParts) {
    this.#parts = parts;
  }

  /** Tells `next` of each request, and this log as well while it listens. */
  beside(next: RequestRecorder): RequestRecorder {
    return {
      requestFinished: (record) => {
        next.requestFinished(record);
        if (this.#watched === undefined) return;
        const tally = this.#note(record, record.status >= 500, lineOfRequest, this.#watched);
        tally.latencies.add(record.durationMs);
      },
    };
  }

  connectionFinished(record: ConnectionRecord): void {
    if (this.#watched !== undefined)
      this.#note(record, record.end === 'refused', lineOfConnection, this.#watched);
  }

  /** What is new after that cursor, and listens for the next five seconds; without a cursor, all that is still known. */
  since(cursor: string | undefined): TrafficPage {
    this.#listen();
    const { life } = this.#parts;
    const position = positionIn(cursor, life) ?? { points: 0, lines: 0 };
    return {
      cursor: trafficCursor(life, { points: this.#points.count, lines: this.#lines.count }),
      points: [...(this.#points.after(position.points) ?? this.#points.all)],
      lines: [...(this.#lines.after(position.lines) ?? this.#lines.all)],
    };
  }

  #listen(): void {
    const { clock, movedBetweenRequests } = this.#parts;
    this.#forget?.();
    this.#forget = clock.after(WATCHED_FOR_MS, () => {
      this.#watched = undefined;
    });
    const second = secondOf(clock.now());
    this.#watched ??= this.#watchFrom(second);
    // Moves between requests are counted for the second in which somebody asks.
    this.#goOnTo(second, this.#watched).countMoves(movedBetweenRequests());
  }

  #note<Finished extends RequestRecord | ConnectionRecord>(
    record: Finished,
    isFailure: boolean,
    lineOf: (record: Finished, atMs: EpochMs) => TrafficLine,
    watched: Watched,
  ): Tally {
    const { clock } = this.#parts;
    const nowMs = clock.now();
    const { tally, ordinary, notable } = this.#goOnTo(secondOf(nowMs), watched);
    const outcome = record.resolution?.outcome;
    tally.finished += 1;
    if (isFailure) tally.failed += 1;
    if (outcome === 'repinned') tally.moved += 1;
    const isNotable = isFailure || outcome === 'repinned' || outcome === 'fallback';
    if ((isNotable ? notable : ordinary).take(clock.elapsed())) this.#lines.add(lineOf(record, nowMs));
    else tally.leftOut += 1;
    return tally;
  }

  /** Makes points of the seconds that are over by now. A clock that has been set begins anew, where the others are forgotten. */
  #goOnTo(now: number, watched: Watched): Watched {
    if (now < watched.second || now - watched.second > SILENT_SECONDS_MAX) {
      this.#watched = this.#watchFrom(now);
      return this.#watched;
    }
    while (watched.second < now) {
      const { latencies, ...counts } = watched.tally;
      const point = { second: watched.second, ...counts, latencies: latencies.counts };
      if (watched.isWhole) this.#points.add(point);
      watched.begin();
    }
    return watched;
  }

  #watchFrom(second: number): Watched {
    const { clock, movedBetweenRequests } = this.#parts;
    return new Watched(second, clock.elapsed(), movedBetweenRequests());
  }
}

/** What is kept while somebody watches. */
class Watched {
  /** The one that {@link tally} counts. */
  second: number;
  tally = new Tally();
  #movedBefore: number;
  /** Whether it has been watched from its beginning. One that has not is forgotten: it would seem a quiet one. */
  isWhole = false;
  readonly ordinary: LineAllowance;
  readonly notable: LineAllowance;

  constructor(second: number, elapsedMs: number, movedBefore: number) {
    this.second = second;
    this.#movedBefore = movedBefore;
    this.ordinary = new LineAllowance(LINES_PER_SECOND, elapsedMs);
    this.notable = new LineAllowance(LINES_PER_SECOND, elapsedMs);
  }

  /** Goes on to the next second. */
  begin(): void {
    this.second += 1;
    this.tally = new Tally();
    this.isWhole = true;
  }

  /** @param moved since the process has begun */
  countMoves(moved: number): void {
    this.tally.moved += moved - this.#movedBefore;
    this.#movedBefore = moved;
  }
}

class Tally {
  finished = 0;
  failed = 0;
  moved = 0;
  leftOut = 0;
  readonly latencies = new Latencies();
}

const secondOf = (atMs: number): number => Math.floor(atMs / 1_000);
