import { seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { chiSquared, selectOf } from '../testing/selecting.ts';
import { RandomTwo } from './random-two.ts';

const randomTwo = (candidates: readonly Endpoint[], seed = 5): RandomTwo => {
  const selector = new RandomTwo(seededRandom(seed));
  selector.use(candidates);
  return selector;
};

describe('the random-two policy', () => {
  it('shares 20,000 sessions by weight as evenly as chance would while nobody is busy', () => {
    const weights = [1, 2, 3, 4, 5, 1, 2, 3];
    const endpoints = weights.map((weight, index) => testEndpoint(`e${index}`, weight));
    const selector = randomTwo(endpoints);
    const counts = weights.map(() => 0);
    for (let count = 0; count < 20_000; count++)
      (counts[endpoints.indexOf(selectOf(selector) as Endpoint)] as number)++;
    // 24.3 is what chance exceeds once in a thousand times with seven degrees of freedom; the seed is fixed.
    expect(chiSquared(counts, weights)).toBeLessThan(24.3);
  });

  it('keeps loads far closer together than one choice at random would', () => {
    const endpoints = Array.from({ length: 20 }, (_, index) => testEndpoint(`e${index}`));
    const selector = randomTwo(endpoints);
    for (let count = 0; count < 20_000; count++) (selectOf(selector) as Endpoint).inFlight++;
    const loads = endpoints.map(({ inFlight }) => inFlight);
    // With a single choice the busiest is some 60 above the mean of 1,000.
    expect(Math.max(...loads) - 1_000).toBeLessThan(8);
  });

  it('never names the busier one of two', () => {
    const loads = fc.array(fc.nat({ max: 9 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(loads, fc.nat(), (inFlight, seed) => {
        const endpoints = inFlight.map((load, index) =>
          Object.assign(testEndpoint(`e${index}`), { inFlight: load }),
        );
        expect((selectOf(randomTwo(endpoints, seed)) as Endpoint).inFlight).toBe(Math.min(...inFlight));
      }),
    );
  });

  it('finds the only one that is admitted, however seldom it is drawn', () => {
    const light = testEndpoint('light', 1);
    const heavy = testEndpoint('heavy', 1_000);
    for (let seed = 0; seed < 50; seed++)
      expect(selectOf(randomTwo([heavy, light], seed), undefined, heavy)).toBe(light);
  });

  it('names nobody when there is nobody, or nobody is admitted', () => {
    const only = testEndpoint('only');
    expect(selectOf(randomTwo([]))).toBeUndefined();
    expect(selectOf(randomTwo([only]), undefined, only)).toBeUndefined();
    expect(selectOf(randomTwo([only]))).toBe(only);
  });
});
