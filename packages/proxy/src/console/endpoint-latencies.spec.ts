import { beforeEach, describe, expect, it } from 'vitest';
import { HTTP_METRICS } from '../telemetry/catalogue/http-metrics.ts';
import type { HistogramPoint, MetricsSnapshot } from '../telemetry/snapshot.ts';
import { EndpointLatencies } from './endpoint-latencies.ts';

const { name, buckets: bounds = [] } = HTTP_METRICS.clientDuration;

let latencies: EndpointLatencies;
beforeEach(() => {
  latencies = new EndpointLatencies();
});

/** What was counted of an endpoint so far: how many answers came below each bound, in seconds. */
const series = (endpoint: string, below: Readonly<Record<string, number>>, status = 200): HistogramPoint => ({
  attributes: { 'holdfast.endpoint': endpoint, 'http.response.status_code': status },
  counts: [...bounds, Number.POSITIVE_INFINITY].map((bound) => below[String(bound)] ?? 0),
  ...{ sum: 0, sinceMs: 0 },
});

const snapshot = (...points: readonly HistogramPoint[]): MetricsSnapshot => [
  { name: 'another.metric', points: [{ attributes: { 'holdfast.endpoint': 'shop/a' }, value: 3 }] },
  { name, points },
];

describe('the latency of an endpoint', () => {
  it('is that of the answers which came since somebody looks', () => {
    latencies.see(snapshot(series('shop/a', { 10: 1_000 })), 0);
    latencies.see(snapshot(series('shop/a', { 10: 1_000, 0.005: 98, 0.1: 2 })), 1_000);
    expect(latencies.of('shop/a')).toEqual({ p50: 0.005, p99: 0.1 });
  });

  it('is that of the last minute, and no longer of what was before', () => {
    latencies.see(snapshot(series('shop/a', {})), 0);
    latencies.see(snapshot(series('shop/a', { 10: 50 })), 30_000);
    latencies.see(snapshot(series('shop/a', { 10: 50 })), 60_000);
    expect(latencies.of('shop/a')).toEqual({ p50: 10, p99: 10 });
    latencies.see(snapshot(series('shop/a', { 10: 50, 0.01: 1 })), 90_001);
    expect(latencies.of('shop/a')).toEqual({ p50: 0.01, p99: 0.01 });
  });

  it('is that of all of its series together, and of no other endpoint', () => {
    latencies.see(snapshot(), 0);
    latencies.see(
      snapshot(
        series('shop/a', { 0.005: 1 }),
        series('shop/a', { 1: 3 }, 500),
        series('shop/b', { 10: 100 }),
      ),
      1_000,
    );
    expect(latencies.of('shop/a')).toEqual({ p50: 1, p99: 1 });
  });

  it('is unknown where there was no answer, and beyond the last bound where there is none that long', () => {
    latencies.see(snapshot(series('shop/a', { 1: 5 })), 0);
    expect(latencies.of('shop/a')).toBeUndefined();
    expect(latencies.of('shop/b')).toBeUndefined();
    latencies.see(snapshot(series('shop/a', { 1: 5, Infinity: 1 })), 1_000);
    expect(latencies.of('shop/a')).toEqual({ p50: Number.POSITIVE_INFINITY, p99: Number.POSITIVE_INFINITY });
  });

  it('does not go by counts of a process that was replaced', () => {
    latencies.see(snapshot(series('shop/a', { 10: 1_000 })), 0);
    latencies.see(snapshot(series('shop/a', { 0.005: 4 })), 1_000);
    expect(latencies.of('shop/a')).toEqual({ p50: 0.005, p99: 0.005 });
  });
});
