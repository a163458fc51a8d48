import { describe, expect, it } from 'vitest';
import { restartDelayMs } from './restart-delay.ts';

describe('the delay of a restart', () => {
  it('is none for a worker that was steady, nor for the first one that was not', () => {
    expect([0, 1].map((earlyEnds) => restartDelayMs(earlyEnds, 0))).toEqual([0, 0]);
  });

  it('doubles with each further one, up to half a minute', () => {
    const delays = [2, 3, 4, 5, 8, 9, 10, 1_000_000].map((earlyEnds) => restartDelayMs(earlyEnds, 0));
    expect(delays).toEqual([250, 500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is cut by up to half, by chance', () => {
    expect(restartDelayMs(4, 0.5)).toBe(750);
    expect(restartDelayMs(4, 0.999_999)).toBeGreaterThan(500);
  });
});
