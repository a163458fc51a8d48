import { ManualClock } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from '../pool/pool.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { healthCheck, testPool } from '../testing/test-pool.ts';
import { EndpointMetrics, FORGOTTEN_AFTER_MS } from './endpoint-metrics.ts';
import { isHistogramPoint } from './snapshot.ts';

let clock: ManualClock;
let pool: Pool;
let metrics: EndpointMetrics;

beforeEach(() => {
  clock = new ManualClock();
  pool = testPool({ clock, endpoints: [testEndpoint('a'), testEndpoint('b')] });
  metrics = new EndpointMetrics(clock);
  metrics.follow(pool);
});

const endpoint = (id: string) => pool.endpoints.find((one) => one.id === `shop/${id}`)!;
const attempt = (id: string) => metrics.attemptFinished(endpoint(id), 'GET', 200, 1, undefined);

/** What a metric says, by endpoint. */
function told(name: string): Readonly<Record<string, number>> {
  const points = metrics.collect().flatMap((metric) => (metric.name === name ? metric.points : []));
  return Object.fromEntries(
    points.map((point) => [
      point.attributes['holdfast.endpoint'],
      isHistogramPoint(point) ? point.counts.reduce((sum, count) => sum + count, 0) : point.value,
    ]),
  );
}

const ATTEMPTS = 'http.client.request.duration';
const only = (...ids: readonly string[]) =>
  pool.setEndpoints(pool.endpoints.filter(({ id }) => ids.includes(id.slice('shop/'.length))));

describe('the metrics of endpoints', () => {
  it('count attempts by endpoint, with its address as the conventions want it', () => {
    attempt('a');
    attempt('b');
    attempt('b');
    expect(told(ATTEMPTS)).toEqual({ 'shop/a': 1, 'shop/b': 2 });
    const [point] = metrics.collect().find(({ name }) => name === ATTEMPTS)!.points;
    expect(point?.attributes).toMatchObject({ 'server.address': 'a.internal', 'server.port': 8080 });
  });

  it('keep what was counted of an endpoint that has left for ten minutes, and no longer, whether or not anybody asks', () => {
    const gone = endpoint('b');
    attempt('b');
    only('a');
    expect(told(ATTEMPTS)).toEqual({ 'shop/b': 1 });
    expect(told('holdfast.endpoint.up')).toEqual({ 'shop/a': 1 });
    void clock.advance(FORGOTTEN_AFTER_MS);
    expect(told(ATTEMPTS)).toEqual({});
    metrics.attemptFinished(gone, 'GET', 200, 1, undefined);
    expect(told(ATTEMPTS)).toEqual({});
  });

  it('hold no more than a few endpoints however many come and go', async () => {
    for (let count = 0; count < 2_000; count++) {
      pool.setEndpoints([testEndpoint(`pod-${count}`)]);
      attempt(`pod-${count}`);
      await clock.advance(FORGOTTEN_AFTER_MS / 10);
    }
    expect(Object.keys(told(ATTEMPTS)).length).toBeLessThanOrEqual(12);
  });

  it('go on where an endpoint that left comes back', () => {
    const both = pool.endpoints;
    attempt('b');
    only('a');
    pool.setEndpoints(both);
    attempt('b');
    expect(told(ATTEMPTS)).toEqual({ 'shop/b': 2 });
    void clock.advance(FORGOTTEN_AFTER_MS);
    expect(told(ATTEMPTS)).toEqual({ 'shop/b': 2 });
  });

  it('count how often this process has found an endpoint down, and by what', () => {
    const ejections = 'holdfast.endpoint.ejections';
    pool.reported(endpoint('a'), 'connect-failed');
    pool.reported(endpoint('a'), 'connect-failed');
    expect(told(ejections)).toEqual({ 'shop/a': 1 });
    pool.learn(endpoint('b'), {
      check: endpoint('b').check,
      outlier: { kind: 'ejected', untilMs: 1e15 },
      incarnation: undefined,
    });
    expect(told(ejections)).toEqual({ 'shop/a': 1 });
    expect(told('holdfast.endpoint.up')).toEqual({ 'shop/a': 0, 'shop/b': 0 });
  });

  it('tell a failed health check from what requests experience', () => {
    const checked = testPool({ clock, healthCheck, endpoints: [testEndpoint('a')] });
    const [a] = checked.endpoints;
    const own = new EndpointMetrics(clock);
    own.follow(checked);
    for (let count = 0; count < 5; count++) checked.probed(a!, 'failed');
    const points = own.collect().find(({ name }) => name === 'holdfast.endpoint.ejections')?.points;
    expect(points).toMatchObject([
      { attributes: { 'holdfast.endpoint.ejection.cause': 'health-check' }, value: 1 },
    ]);
  });

  it('tell nothing more of a pool that is no more', () => {
    attempt('a');
    metrics.forget(pool);
    expect(told('holdfast.endpoint.up')).toEqual({});
    void clock.advance(FORGOTTEN_AFTER_MS);
    expect(told(ATTEMPTS)).toEqual({});
  });
});
