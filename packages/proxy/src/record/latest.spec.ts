import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Latest } from './latest.ts';

describe('the latest of a sequence', () => {
  it('tells whoever comes back all that is new, or that some of it is gone, and keeps no more than it may', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.nat(20),
        fc.integer({ min: -2, max: 25 }),
        (max, added, from) => {
          const latest = new Latest<number>(max);
          for (let number = 1; number <= added; number++) latest.add(number);
          const news = Array.from({ length: added }, (_, index) => index + 1).filter(
            (number) => number > from,
          );
          expect(latest.count).toBe(added);
          expect(latest.all.length).toBe(Math.min(max, added));
          expect(latest.after(from)).toEqual(from < 0 || news.length > max ? undefined : news);
        },
      ),
    );
  });

  it('knows nothing of a number that is none', () => {
    expect(new Latest(3).after(Number.NaN)).toBeUndefined();
  });
});
