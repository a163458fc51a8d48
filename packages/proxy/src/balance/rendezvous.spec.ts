import { readFileSync } from 'node:fs';
import { type SessionKey, sessionKey } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { chiSquared } from '../testing/selecting.ts';
import { rendezvous } from './rendezvous.ts';

const random = seededRandom(7);
const keys: readonly SessionKey[] = Array.from({ length: 20_000 }, () =>
  sessionKey(random.bytes(16).toString('base64url')),
);

const countsOf = (candidates: readonly Endpoint[]): readonly number[] => {
  const counts = new Map<Endpoint, number>(candidates.map((endpoint) => [endpoint, 0]));
  for (const key of keys) {
    const endpoint = rendezvous(key, candidates) as Endpoint;
    counts.set(endpoint, (counts.get(endpoint) as number) + 1);
  }
  return [...counts.values()];
};

interface Golden {
  readonly weights: Readonly<Record<string, number>>;
  readonly endpointOf: Readonly<Record<string, string>>;
}

describe('rendezvous hashing across releases', () => {
  const golden: Golden = JSON.parse(
    readFileSync(new URL('./fixtures/rendezvous.json', import.meta.url), 'utf8'),
  );
  const candidates = Object.entries(golden.weights).map(([id, weight]) => testEndpoint(id, weight));
  const rows = Object.entries(golden.endpointOf);

  it('gives two hundred recorded keys the endpoints that were recorded: nodes of two releases agree', () => {
    const answers = rows.map(([key]) => [key, shortId(rendezvous(sessionKey(key), candidates))]);
    expect(answers).toHaveLength(200);
    expect(answers).toEqual(rows);
  });
});

describe('rendezvous hashing', () => {
  it('names nobody when there is nobody', () => {
    expect(rendezvous(keys[0] as SessionKey, [])).toBeUndefined();
  });

  it('gives the same answer in whatever order the candidates come', () => {
    const endpoints = Array.from({ length: 6 }, (_, index) => testEndpoint(`e${index}`, (index % 3) + 1));
    const anyOrder = fc.shuffledSubarray(endpoints, { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(anyOrder, fc.constantFrom(...keys), (shuffled, key) => {
        expect(rendezvous(key, shuffled)).toBe(rendezvous(key, endpoints));
      }),
    );
  });

  it('moves only the keys of an endpoint that leaves', () => {
    const endpoints = Array.from({ length: 10 }, (_, index) => testEndpoint(`e${index}`, (index % 4) + 1));
    const leaver = endpoints[3] as Endpoint;
    const rest = endpoints.filter((endpoint) => endpoint !== leaver);
    const moved = keys.filter((key) => rendezvous(key, rest) !== rendezvous(key, endpoints));
    expect(moved).toEqual(keys.filter((key) => rendezvous(key, endpoints) === leaver));
  });

  it('moves keys only to an endpoint that joins', () => {
    const endpoints = Array.from({ length: 5 }, (_, index) => testEndpoint(`e${index}`));
    const joiner = testEndpoint('joiner', 2);
    const all = [...endpoints, joiner];
    const moved = keys.filter((key) => rendezvous(key, all) !== rendezvous(key, endpoints));
    expect(moved).toEqual(keys.filter((key) => rendezvous(key, all) === joiner));
  });

  it.each([
    ['equal weights', [1, 1, 1, 1, 1, 1, 1, 1]],
    ['unequal weights', [1, 2, 3, 4, 5, 1, 2, 3]],
  ])('shares 20,000 keys by %s as evenly as chance would', (_, weights) => {
    const counts = countsOf(weights.map((weight, index) => testEndpoint(`shop-${index + 1}`, weight)));
    // 24.3 is what chance exceeds once in a thousand times with seven degrees of freedom; the keys are fixed.
    expect(chiSquared(counts, weights)).toBeLessThan(24.3);
  });

  it('gives the keys of an endpoint that leaves to the others by their weights', () => {
    const leaver = testEndpoint('shop-1', 2);
    const others = [testEndpoint('shop-2', 1), testEndpoint('shop-3', 3)];
    const orphans = keys.filter((key) => rendezvous(key, [leaver, ...others]) === leaver);
    const toHeavy = orphans.filter((key) => rendezvous(key, others) === others[1]).length;
    expect(orphans.length).toBeGreaterThan(6_000);
    expect(Math.abs(toHeavy / orphans.length - 0.75)).toBeLessThan(0.02);
  });

  it('gives an endpoint of weight 0 hardly anything beside others, and everything where it is alone', () => {
    const light = testEndpoint('light', 0);
    expect(countsOf([light, testEndpoint('heavy')])[0]).toBe(0);
    expect(countsOf([light])).toEqual([keys.length]);
  });
});
