import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { BROKEN_VARIANTS } from './variants.ts';

/** A defect that takes more worlds than this to show would go unseen for too long. */
const SEEDS_MAX = 100;
/** For each of the ten, as it is without its defect. */
const SOUND_SEEDS = 3;
const TIMEOUT_MS = 60_000;

describe('a cluster with a defect', () => {
  it.each(BROKEN_VARIANTS)(
    'that $name is found out',
    async ({ breaks, ...options }) => {
      const broken = new Set<string>();
      for (let seed = 1; seed <= SEEDS_MAX && !breaks.some((invariant) => broken.has(invariant)); seed++) {
        const { violations } = await simulate(seed, options);
        for (const { invariant } of violations) broken.add(invariant);
      }
      expect(
        [...broken].filter((invariant) => breaks.some((expected) => expected === invariant)),
      ).not.toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is no other cluster than the real one but for that',
    async () => {
      for (let seed = 1; seed <= SOUND_SEEDS; seed++)
        for (const { variant: _, ...options } of BROKEN_VARIANTS)
          expect((await simulate(seed, options)).violations).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
