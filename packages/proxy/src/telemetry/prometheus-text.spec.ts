import { describe, expect, it } from 'vitest';
import { prometheusText } from './prometheus-text.ts';
import type { MetricsSnapshot } from './snapshot.ts';

const linesOf = (snapshot: MetricsSnapshot, resource = {}) =>
  prometheusText(snapshot, resource)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# HELP'));

describe('the text for Prometheus', () => {
  it('has a histogram with buckets that add up, the last one without end', () => {
    const points = [
      { attributes: { 'v8js.gc.type': 'minor' }, counts: [1, 0, 2, 0, 4], sum: 1.5, sinceMs: 0 },
    ];
    expect(linesOf([{ name: 'v8js.gc.duration', points }]).slice(2)).toEqual([
      '# TYPE v8js_gc_duration_seconds histogram',
      'v8js_gc_duration_seconds_bucket{v8js_gc_type="minor",le="0.01"} 1',
      'v8js_gc_duration_seconds_bucket{v8js_gc_type="minor",le="0.1"} 1',
      'v8js_gc_duration_seconds_bucket{v8js_gc_type="minor",le="1"} 3',
      'v8js_gc_duration_seconds_bucket{v8js_gc_type="minor",le="10"} 3',
      'v8js_gc_duration_seconds_bucket{v8js_gc_type="minor",le="+Inf"} 7',
      'v8js_gc_duration_seconds_sum{v8js_gc_type="minor"} 1.5',
      'v8js_gc_duration_seconds_count{v8js_gc_type="minor"} 7',
    ]);
  });

  it('says of a gauge of states which one holds, and that the others do not', () => {
    expect(
      linesOf([{ name: 'holdfast.store.mode', points: [{ attributes: {}, value: 2 }] }]).slice(2),
    ).toEqual([
      '# TYPE holdfast_store_mode gauge',
      'holdfast_store_mode{holdfast_store_mode="normal"} 0',
      'holdfast_store_mode{holdfast_store_mode="reconciling"} 0',
      'holdfast_store_mode{holdfast_store_mode="degraded"} 1',
    ]);
  });

  it('lets no value break out of its quotes, nor out of its line', () => {
    const attributes = { 'holdfast.pool': 'a"} 1\nfake 2\\' };
    const [line] = linesOf([{ name: 'holdfast.retries', points: [{ attributes, value: 1 }] }]).slice(3);
    expect(line).toBe('holdfast_retries_total{holdfast_pool="a\\"} 1\\nfake 2\\\\"} 1');
    expect(linesOf([], { team: '"\n' })[1]).toBe('target_info{team="\\"\\n"} 1');
  });

  it('declares nothing of which there is no series', () => {
    expect(linesOf([{ name: 'holdfast.retries', points: [] }])).toHaveLength(2);
  });
});
