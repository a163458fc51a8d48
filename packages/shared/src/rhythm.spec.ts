import { describe, expect, it } from 'vitest';
import { Rhythm } from './rhythm.ts';
import { ManualClock } from './testing/index.ts';
import { Ticker } from './ticker.ts';

const dueTicks = (everyMs: number, ticks: number): readonly number[] => {
  const rhythm = new Rhythm(new Ticker(new ManualClock(), 100), everyMs);
  return Array.from({ length: ticks }, (_, index) => index + 1).filter((now) => rhythm.isDue(now));
};

describe('a rhythm', () => {
  it('is due every so often, never early', () => {
    expect(dueTicks(400, 20)).toEqual([5, 10, 15, 20]);
  });

  it('is never due where it is to be never', () => {
    expect(dueTicks(Number.POSITIVE_INFINITY, 1_000)).toEqual([]);
  });
});
