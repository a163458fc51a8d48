import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { boundsMsOf, Durations } from './durations.ts';

const bounds = boundsMsOf(HTTP_METRICS.serverDuration);

describe('durations', () => {
  it('belong to the bucket whose bound they do not exceed, the bound itself included', () => {
    const durations = new Durations([5, 10], 0);
    for (const durationMs of [0, 5, 5.001, 10, 10.001, 1e9]) durations.add(durationMs);
    expect(durations.point({}).counts).toEqual([2, 2, 2]);
  });

  it('are told in seconds, and none is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 })), (values) => {
        const durations = new Durations(bounds, 7);
        for (const value of values) durations.add(value);
        const { counts, sum, sinceMs } = durations.point({});
        expect(counts).toHaveLength(bounds.length + 1);
        expect(durations.count).toBe(values.length);
        expect(sum).toBeCloseTo(values.reduce((total, value) => total + value, 0) / 1_000, 6);
        const below = values.filter((value) => value <= 100).length;
        expect(counts.slice(0, bounds.indexOf(100) + 1).reduce((total, count) => total + count, 0)).toBe(
          below,
        );
        expect(sinceMs).toBe(7);
      }),
    );
  });

  it('that were told do not change afterwards', () => {
    const durations = new Durations(bounds, 0);
    const before = durations.point({});
    durations.add(1);
    expect(before.counts[0]).toBe(0);
  });
});
