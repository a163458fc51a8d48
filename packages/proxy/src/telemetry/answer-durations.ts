import type { EpochMs, ErrorCode } from '@holdfast/shared';
import { Durations } from './durations.ts';
import type { Attributes, HistogramPoint } from './snapshot.ts';

/**
 * The methods that a series of their own (HTTP semantic conventions, `http.request.method`): those of RFC 9110 and PATCH. All
 * others are one, or whoever makes them up would make series.
 */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '_OTHER'];
const OTHER = METHODS.length - 1;
const METHOD_INDEX: ReadonlyMap<string, number> = new Map(METHODS.map((method, index) => [method, index]));

const METHOD_BITS = 4;
const STATUS_BITS = 10;
const STATUS_MAX = 2 ** STATUS_BITS - 1;

interface Answered {
  readonly status: number;
  readonly attributes: Attributes;
  readonly durations: Durations;
}

/** Durations by method, status and error: of requests, or of attempts at an endpoint. */
export class AnswerDurations {
  readonly #boundsMs: readonly number[];
  readonly #now: () => EpochMs;
  /** By method and status. Whole numbers are the quickest keys that there are. */
  readonly #answered = new Map<number, Answered>();
  readonly #failed = new Map<ErrorCode, Map<number, Answered>>();
  /** The method is nearly always that of the request before. */
  #method = METHODS[0] as string;
  #methodIndex = 0;

  constructor(boundsMs: readonly number[], now: () => EpochMs) {
    this.#boundsMs = boundsMs;
    this.#now = now;
  }

  /** @param status 0 where there was none */
  add(method: string, status: number, error: ErrorCode | undefined, durationMs: number): void {
    if (method !== this.#method) {
      this.#method = method;
      this.#methodIndex = METHOD_INDEX.get(method) ?? OTHER;
    }
    const key = (Math.min(status, STATUS_MAX) << METHOD_BITS) | this.#methodIndex;
    const answered = error === undefined ? this.#answered.get(key) : this.#failed.get(error)?.get(key);
    (answered ?? this.#begin(key, error)).durations.add(durationMs);
  }

  /** How many there were of each status; 0 for those without one. */
  countByStatus(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const { status, durations } of this.#all())
      counts.set(status, (counts.get(status) ?? 0) + durations.count);
    return counts;
  }

  /** One point for each series, with these attributes beside its own. */
  points(attributes: Attributes): readonly HistogramPoint[] {
    return this.#all().map((answered) => answered.durations.point({ ...answered.attributes, ...attributes }));
  }

  #all(): readonly Answered[] {
    return [this.#answered, ...this.#failed.values()].flatMap((answered) => [...answered.values()]);
  }

  #begin(key: number, error: ErrorCode | undefined): Answered {
    const status = key >> METHOD_BITS;
    const begun: Answered = {
      status,
      attributes: {
        'http.request.method': METHODS[key & (2 ** METHOD_BITS - 1)] as string,
        ...(status > 0 && { 'http.response.status_code': status }),
        ...(error !== undefined && { 'error.type': error }),
      },
      durations: new Durations(this.#boundsMs, this.#now()),
    };
    this.#mapOf(error).set(key, begun);
    return begun;
  }

  #mapOf(error: ErrorCode | undefined): Map<number, Answered> {
    if (error === undefined) return this.#answered;
    const failed = this.#failed.get(error) ?? new Map<number, Answered>();
    this.#failed.set(error, failed);
    return failed;
  }
}
