import { describe, expect, it } from 'vitest';
import { latencyOf } from './latency.ts';

describe('latency', () => {
  it('is the least sample that the share of them does not exceed', () => {
    const samples = Float64Array.from({ length: 1_000 }, (_, index) => 1_000 - index);

    expect(latencyOf(samples)).toEqual({ p50: 500, p90: 900, p99: 990, p999: 999, max: 1_000 });
  });

  it('of one sample is that sample', () => {
    expect(latencyOf(Float64Array.of(7))).toEqual({ p50: 7, p90: 7, p99: 7, p999: 7, max: 7 });
  });

  it('of none is 0', () => {
    expect(latencyOf(new Float64Array())).toMatchObject({ p50: 0, max: 0 });
  });
});
