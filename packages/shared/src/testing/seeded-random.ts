import type { Random } from '../random.ts';

/** Randomness that repeats itself from a seed (mulberry32). For tests only: anybody can guess it. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    unit,
    bytes: (length) => Buffer.from(Array.from({ length }, () => Math.floor(unit() * 256))),
  };
}
