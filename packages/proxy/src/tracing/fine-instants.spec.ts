import type { Clock } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { FineInstants } from './fine-instants.ts';

/** A machine whose wall clock leaves fractions out, and can be set. */
class CoarseClock implements Clock {
  atMs = 0;
  bootedAtMs = 1_000_000.4;

  now(): number {
    return Math.floor(this.bootedAtMs + this.atMs);
  }

  elapsed(): number {
    return this.atMs;
  }

  after(): () => void {
    return () => {};
  }
}

describe('instants to a fraction of a millisecond', () => {
  it('come closer to what they are with each that is asked for, and are never ahead', () => {
    const clock = new CoarseClock();
    const instants = new FineInstants(clock);
    let farthestMs = 1;
    for (; clock.atMs < 20; clock.atMs += 0.05) {
      const behindMs = clock.bootedAtMs + clock.atMs - (instants.zero() + clock.atMs);
      expect(behindMs).toBeGreaterThanOrEqual(-1e-6);
      expect(behindMs).toBeLessThanOrEqual(farthestMs + 1e-6);
      farthestMs = Math.min(farthestMs, behindMs);
    }
    expect(farthestMs).toBeLessThan(0.06);
  });

  it.each([-3_600_000, 3_600_000])('follow a wall clock that is set by %s ms', (changeMs) => {
    const clock = new CoarseClock();
    const instants = new FineInstants(clock);
    for (; clock.atMs < 10; clock.atMs += 0.05) instants.zero();
    clock.bootedAtMs += changeMs;
    expect(Math.abs(instants.zero() - clock.bootedAtMs)).toBeLessThan(1);
  });
});
