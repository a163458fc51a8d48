import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smoothSequence } from './smooth-sequence.ts';

const countsOf = (sequence: readonly number[], length: number): readonly number[] =>
  Array.from({ length }, (_, index) => sequence.filter((item) => item === index).length);

const weightLists = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });

function longestRun(sequence: readonly number[], index: number): number {
  let longest = 0;
  let run = 0;
  for (const item of sequence) {
    run = item === index ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function everyTriple(max: number): readonly (readonly number[])[] {
  const weights = Array.from({ length: max }, (_, index) => index + 1);
  return weights.flatMap((a) => weights.flatMap((b) => weights.map((c) => [a, b, c])));
}

describe('smoothSequence', () => {
  it('spreads 5, 1, 1 as nginx does', () => {
    expect(smoothSequence([5, 1, 1])).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it.each([
    [[], []],
    [[7], [0]],
    [
      [1, 1, 1],
      [0, 1, 2],
    ],
    [
      [400, 200],
      [0, 1, 0],
    ],
  ])('of %j is %j', (weights, sequence) => {
    expect(smoothSequence(weights)).toEqual(sequence);
  });

  it('names each index exactly as often as its share of the turn', () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        const sequence = smoothSequence(weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [index, count] of countsOf(sequence, weights.length).entries()) {
          expect(count * total).toBe((weights[index] as number) * sequence.length);
        }
      }),
    );
  });

  it('is at no point a whole selection ahead of the fair share, and never far behind it', () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        const sequence = smoothSequence(weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const counts = weights.map(() => 0);
        for (const [place, index] of sequence.entries()) {
          counts[index] = (counts[index] as number) + 1;
          for (const [other, count] of counts.entries()) {
            const fair = ((place + 1) * (weights[other] as number)) / total;
            expect(count - fair).toBeLessThan(1);
            expect(fair - count).toBeLessThan(weights.length);
          }
        }
      }),
    );
  });

  it('never names one twice running where all weigh the same', () => {
    for (let count = 2; count <= 8; count++) {
      const sequence = smoothSequence(Array.from({ length: count }, () => 3));
      for (const [place, index] of sequence.entries()) {
        expect(sequence[(place + 1) % sequence.length]).not.toBe(index);
      }
    }
  });

  it('names one at most once more in a row than cannot be avoided, for every three weights up to nine', () => {
    for (const weights of everyTriple(9)) {
      const sequence = smoothSequence(weights);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of weights.entries()) {
        const unavoidable = Math.ceil(weight / (total - weight));
        expect(longestRun(sequence, index)).toBeLessThanOrEqual(unavoidable + 1);
      }
    }
  });

  it('stays short when weights are large and have no common measure, and leaves nobody out', () => {
    const weights = [1_000_003, 999_983, 1];
    const sequence = smoothSequence(weights);
    expect(sequence.length).toBeLessThanOrEqual(4_096 + weights.length);
    const [first, second, third] = countsOf(sequence, 3) as [number, number, number];
    expect(first).toBeGreaterThan(2_000);
    expect(Math.abs(first - second)).toBeLessThan(10);
    expect(third).toBe(1);
  });
});
