import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addedLatencies, Latencies, percentileMs } from './latencies.ts';

function countsOf(durationsMs: readonly number[]) {
  const latencies = new Latencies();
  for (const durationMs of durationsMs) latencies.add(durationMs);
  return latencies.counts;
}

const durations = fc.array(fc.double({ min: 0.05, max: 100_000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
});
const share = fc.double({ min: 0.01, max: 1, noNaN: true });

/** By the definition: the smallest of which at least that share is no longer than it. */
function exactly(durationsMs: readonly number[], share: number): number {
  const sorted = [...durationsMs].sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] as number;
}

describe('a percentile of latencies', () => {
  it('is never less than it was, and at most a tenth more', () => {
    fc.assert(
      fc.property(durations, share, (durationsMs, share) => {
        const exact = exactly(durationsMs, share);
        const told = percentileMs(countsOf(durationsMs), share) as number;
        expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(told).toBeLessThanOrEqual(exact * 1.1 * (1 + 1e-9));
      }),
    );
  });

  it('is the same of the sum of counts as of all that were counted', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 5 }), share, (parts, share) => {
        expect(percentileMs(addedLatencies(parts.map(countsOf)), share)).toBe(
          percentileMs(countsOf(parts.flat()), share),
        );
      }),
    );
  });

  it('is none of nothing', () => {
    expect(percentileMs({}, 0.5)).toBeUndefined();
  });

  it.each([-1, 0, Number.NaN, 1e-9, Number.POSITIVE_INFINITY, 1e12])(
    'takes %d for the shortest or the longest',
    (oddMs) => {
      const told = percentileMs(countsOf([oddMs]), 1) as number;
      expect([told === 0.05, told > 120_000]).toContain(true);
    },
  );
});
