import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterTaking, fullPermits, type Permits } from './permits.ts';

/** How many of the demands, at these times, are met. */
function takenOf(perSecond: number, demandsMs: readonly number[]): number[] {
  let permits: Permits = fullPermits(perSecond, 0);
  return demandsMs.filter((atMs) => {
    const left = afterTaking(permits, perSecond, atMs);
    permits = left ?? permits;
    return left !== undefined;
  });
}

const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);

describe('permits', () => {
  it('that are saved up are a tenth of a second’s worth, and no more after an hour', () => {
    const crowd = Array.from({ length: 5_000 }, () => 3_600_000);
    expect(takenOf(2_000, crowd)).toHaveLength(200);
  });

  it('come back at their rate', () => {
    const crowd = Array.from({ length: 10_000 }, (_, index) => index / 10);
    expect(takenOf(2_000, crowd).length).toBe(200 + 1_999);
  });

  it('of one per second can be had at once, and then every second', () => {
    expect(takenOf(1, [0, 10, 999, 1_000, 1_500, 2_000])).toEqual([0, 1_000, 2_000]);
  });

  it('never exceed their rate by more than what was saved up, over any time', () => {
    const demands = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 400 }).map(sorted);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        demands,
        fc.nat(5_000),
        fc.nat(5_000),
        (rate, times, a, b) => {
          const [from, to] = sorted([a, b]) as [number, number];
          const within = takenOf(rate, times).filter((atMs) => atMs >= from && atMs <= to);
          expect(within.length).toBeLessThanOrEqual(
            Math.max(1, rate / 10) + ((to - from) * rate) / 1000 + 1e-6,
          );
        },
      ),
    );
  });

  it('are refused to nobody who asks no faster than they come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(200), (rate, count) => {
        const steady = Array.from({ length: count }, (_, index) => (index * 1_001) / rate);
        expect(takenOf(rate, steady)).toHaveLength(count);
      }),
    );
  });
});
