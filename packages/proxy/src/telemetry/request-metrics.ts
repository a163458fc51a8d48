import type { EpochMs } from '@holdfast/shared';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';
import {
  noTotals,
  type RequestCount,
  type RequestTotals,
  statusClassOf,
} from '../record/request-counters.ts';
import { AnswerDurations } from './answer-durations.ts';
import { ByPool } from './by-pool.ts';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { boundsMsOf } from './durations.ts';
import { PoolTraffic } from './pool-traffic.ts';
import type { Attributes, MetricSource, MetricsSnapshot } from './snapshot.ts';
import type { SuspicionRecorder } from './violation.ts';

/** One way that requests take through the configuration. */
interface Way {
  readonly listener: string;
  readonly route: string;
  readonly pool: string;
  readonly isSecure: boolean;
  readonly answers: AnswerDurations;
  readonly traffic: PoolTraffic;
}

const BOUNDS_MS = boundsMsOf(HTTP_METRICS.serverDuration);

/**
 * Counts requests and times them. A request costs some comparisons and additions: the numbers of its series are found by what
 * the request before had, else by maps of what the configuration names, and no text is put together for it.
 */
export class RequestMetrics implements RequestRecorder, RequestCount, MetricSource {
  readonly #now: () => EpochMs;
  /** By their routes, each of which is on a listener or two. */
  readonly #ways = new Map<string, Way[]>();
  readonly #pools: ByPool<PoolTraffic>;
  #way: Way | undefined;

  /**
   * @param now the wall clock
   * @param suspicions told of requests that look like violations. Default: nobody is.
   */
  constructor(now: () => EpochMs, suspicions?: SuspicionRecorder) {
    this.#now = now;
    this.#pools = new ByPool((pool) => new PoolTraffic(pool, now, suspicions));
  }

  requestFinished(record: RequestRecord): void {
    const before = this.#way;
    const way = before !== undefined && isOn(before, record) ? before : this.#wayOf(record);
    this.#way = way;
    way.answers.add(record.method, record.status, record.error, record.durationMs);
    way.traffic.take(record);
  }

  /** What the counters of a node without metrics would say, so that each request is counted once. */
  totals(): RequestTotals {
    const totals = noTotals();
    for (const { answers } of this.#all) {
      for (const [status, count] of answers.countByStatus()) {
        totals.requests += count;
        totals.byStatusClass[statusClassOf(status)] += count;
      }
    }
    for (const { sessions, retries } of this.#pools.all) {
      totals.retries += retries;
      for (const { outcome, tier, count } of sessions.lookups) {
        totals.byOutcome[outcome] += count;
        totals.byTier[tier] += count;
      }
      for (const [reason, count] of sessions.repinsByReason)
        totals.repinsByReason[reason] = (totals.repinsByReason[reason] ?? 0) + count;
    }
    return totals;
  }

  collect(): MetricsSnapshot {
    return [
      {
        name: HTTP_METRICS.serverDuration.name,
        points: this.#all.flatMap((way) => way.answers.points(attributesOf(way))),
      },
      ...this.#pools.all.flatMap((traffic) => traffic.collect()),
    ];
  }

  get #all(): readonly Way[] {
    return [...this.#ways.values()].flat();
  }

  #wayOf(record: RequestRecord): Way {
    const ways = this.#ways.get(record.route) ?? [];
    const known = ways.find((way) => isOn(way, record));
    if (known !== undefined) return known;
    const { listener, route, pool, isSecure } = record;
    const answers = new AnswerDurations(BOUNDS_MS, this.#now);
    const way = { listener, route, pool, isSecure, answers, traffic: this.#pools.of(pool) };
    this.#ways.set(route, [...ways, way]);
    return way;
  }
}

const isOn = (way: Way, { listener, route, pool, isSecure }: RequestRecord): boolean =>
  way.route === route && way.pool === pool && way.listener === listener && way.isSecure === isSecure;

const attributesOf = ({ listener, route, pool, isSecure }: Way): Attributes => ({
  'url.scheme': isSecure ? 'https' : 'http',
  'holdfast.listener': listener,
  ...(route !== '' && { 'http.route': route }),
  ...(pool !== '' && { 'holdfast.pool': pool }),
});
