import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKGROUND_SHARE, restAfter } from './rest.ts';

describe('the rest after work', () => {
  it('leaves the work its share of the time, whatever it takes', () => {
    const took = fc.double({ min: 0.001, max: 1e6, noNaN: true });
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(took, share, (tookMs, given) => {
        expect(tookMs / (tookMs + restAfter(tookMs, given))).toBeCloseTo(given);
      }),
    );
  });

  it('is nineteen times the work for what is done behind the requests', () => {
    expect(BACKGROUND_SHARE).toBe(0.05);
    expect(restAfter(100)).toBeCloseTo(1_900);
  });
});
