import { describe, expect, it } from 'vitest';
import { ATTRIBUTES, METRICS } from './metric-catalogue.ts';
import { prometheusLabel, prometheusName } from './prometheus-name.ts';

const named = (name: string) => METRICS.find((metric) => metric.name === name)!;

describe('the catalogue of metrics', () => {
  it('has each name once, in either way of writing it', () => {
    for (const nameOf of [({ name }: { name: string }) => name, prometheusName] as const) {
      const names = METRICS.map((metric) => nameOf(metric as never));
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('explains every attribute, and none that no metric has', () => {
    const used = new Set(METRICS.flatMap(({ attributes }) => attributes));
    expect(Object.keys(ATTRIBUTES).sort()).toEqual([...used].sort());
  });

  it('knows the buckets of every histogram, in rising order, and of nothing else', () => {
    for (const { name, kind, buckets } of METRICS) {
      expect(buckets !== undefined, name).toBe(kind === 'histogram');
      expect(buckets, name).toEqual(buckets && [...new Set(buckets)].sort((a, b) => a - b));
    }
  });

  it('says the unit in no name: that is for whoever writes the name', () => {
    for (const { name } of METRICS) expect(name).not.toMatch(/seconds|total/);
  });
});

describe('the name of a metric in Prometheus', () => {
  it.each([
    ['http.server.request.duration', 'http_server_request_duration_seconds'],
    ['holdfast.affinity.violations', 'holdfast_affinity_violations_total'],
    ['holdfast.layer4.bytes', 'holdfast_layer4_bytes_total'],
    ['process.cpu.time', 'process_cpu_time_seconds_total'],
    ['process.memory.usage', 'process_memory_usage_bytes'],
    ['nodejs.eventloop.utilization', 'nodejs_eventloop_utilization_ratio'],
    ['holdfast.store.available', 'holdfast_store_available'],
    ['holdfast.near_cache.entries', 'holdfast_near_cache_entries'],
    ['holdfast.listener.connections', 'holdfast_listener_connections'],
  ])('of %s is %s', (name, expected) => {
    expect(prometheusName(named(name))).toBe(expected);
  });

  it('is one that Prometheus takes, and so are its labels', () => {
    for (const metric of METRICS) {
      expect(prometheusName(metric)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
      for (const attribute of metric.attributes)
        expect(prometheusLabel(attribute)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
    }
  });
});
