import type { Clock, ErrorCode } from '@holdfast/shared';
import type { AttemptRecorder } from '../forward/request-record.ts';
import type { PoolFollower } from '../node/pool-set.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { ENDPOINT_METRICS } from './catalogue/endpoint-metrics.ts';
import { EndpointSeries } from './endpoint-series.ts';
import type { Metric } from './metric.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';
import { stateIndex } from './states.ts';

/** How long what was counted of an endpoint is still told after it has left its pool. */
export const FORGOTTEN_AFTER_MS = 600_000;

/**
 * What there is to tell of endpoints: how attempts at them went, how often they were found down, and how they are. Where endpoints
 * come and go all day, as discovery names them, those that have left are forgotten after ten minutes.
 */
export class EndpointMetrics implements AttemptRecorder, PoolFollower, MetricSource {
  readonly #clock: Clock;
  readonly #pools = new Map<Pool, () => void>();
  /** By id and address. */
  readonly #series = new Map<string, EndpointSeries>();
  readonly #byEndpoint = new WeakMap<Endpoint, EndpointSeries>();
  #lastEndpoint: Endpoint | undefined;
  #lastSeries: EndpointSeries | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  attemptFinished(
    endpoint: Endpoint,
    method: string,
    status: number,
    durationMs: number,
    error: ErrorCode | undefined,
  ): void {
    const series = endpoint === this.#lastEndpoint ? this.#lastSeries : this.#byEndpoint.get(endpoint);
    this.#lastEndpoint = endpoint;
    this.#lastSeries = series;
    // One that has left is asked no more: what still comes of it is told by nobody.
    series?.attempts.add(method, status, error, durationMs);
  }

  follow(pool: Pool): void {
    const unwatch = pool.watch({
      endpointsChanged: ({ added, removed }) => {
        for (const endpoint of removed) this.#left(endpoint);
        for (const endpoint of added) this.#joined(pool, endpoint);
        this.#forgetOld();
      },
      standingChanged: (endpoint) => this.#changed(endpoint, true),
      standingLearnt: (endpoint) => this.#changed(endpoint, false),
    });
    this.#pools.set(pool, unwatch);
    for (const endpoint of pool.endpoints) this.#joined(pool, endpoint);
  }

  forget(pool: Pool): void {
    this.#pools.get(pool)?.();
    this.#pools.delete(pool);
    for (const endpoint of pool.endpoints) this.#left(endpoint);
    this.#forgetOld();
  }

  collect(): MetricsSnapshot {
    this.#forgetOld();
    const all = [...this.#pools.keys()].flatMap((pool) =>
      pool.endpoints.map((endpoint) => ({ pool: pool.name, endpoint })),
    );
    const gauge = ({ name }: Metric, numberOf: (endpoint: Endpoint) => number) => ({
      name,
      points: all.map(({ pool, endpoint }) => ({
        attributes: { 'holdfast.pool': pool, 'holdfast.endpoint': endpoint.id },
        value: numberOf(endpoint),
      })),
    });
    const { up, standing, weight, activeRequests, waitingRequests } = ENDPOINT_METRICS;
    return [
      gauge(up, (endpoint) => (endpoint.isUsable ? 1 : 0)),
      gauge(standing, (endpoint) => stateIndex(standing, endpoint.standing)),
      gauge(weight, (endpoint) => endpoint.weight),
      gauge(activeRequests, ({ inFlight, waiting }) => inFlight - waiting),
      gauge(waitingRequests, ({ waiting }) => waiting),
      ...[...this.#series.values()].flatMap((series) => series.collect()),
    ];
  }

  #joined({ name }: Pool, endpoint: Endpoint): void {
    const key = keyOf(endpoint);
    const series = this.#series.get(key) ?? new EndpointSeries(name, endpoint, () => this.#clock.now());
    series.goneAtMs = undefined;
    this.#series.set(key, series);
    this.#byEndpoint.set(endpoint, series);
  }

  #left(endpoint: Endpoint): void {
    const series = this.#series.get(keyOf(endpoint));
    if (series !== undefined) series.goneAtMs = this.#clock.elapsed();
  }

  /** @param isOwn whether this process has found it out, so that what several processes know is counted once */
  #changed(endpoint: Endpoint, isOwn: boolean): void {
    const series = this.#byEndpoint.get(endpoint);
    if (series === undefined || series.isDown === endpoint.isHeldDown) return;
    series.isDown = endpoint.isHeldDown;
    if (isOwn && series.isDown)
      series.ejected(endpoint.outlier.kind === 'ejected' ? 'requests' : 'health-check');
  }

  #forgetOld(): void {
    const untilMs = this.#clock.elapsed() - FORGOTTEN_AFTER_MS;
    for (const [key, { goneAtMs }] of this.#series)
      if (goneAtMs !== undefined && goneAtMs <= untilMs) this.#series.delete(key);
  }
}

const keyOf = ({ id, origin }: Endpoint): string => `${id} ${origin}`;
