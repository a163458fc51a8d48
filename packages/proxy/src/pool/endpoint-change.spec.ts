import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { endpointsChange, isChange } from './endpoint-change.ts';

const [a, b] = [testEndpoint('a'), testEndpoint('b')];

describe('a change of endpoints', () => {
  it('keeps those whose id and origin stay, and makes the others', () => {
    const { endpoints, added, removed } = endpointsChange([a, b], [testEndpoint('c'), testEndpoint('b')]);
    expect(endpoints.map(shortId)).toEqual(['c', 'b']);
    expect(endpoints[1]).toBe(b);
    expect([added.map(shortId), removed]).toEqual([['c'], [a]]);
  });

  it('takes an endpoint under another origin for another endpoint: what was known of it says nothing', () => {
    const { endpoints, added, removed } = endpointsChange(
      [a],
      [{ ...testEndpoint('a'), origin: 'http://x:1' }],
    );
    expect(endpoints[0]).not.toBe(a);
    expect([added, removed]).toEqual([endpoints, [a]]);
  });

  it.each([
    ['weight', testEndpoint('a', 5)],
    ['being a backup', testEndpoint('a', 1, { isBackup: true })],
    ['limit of requests', testEndpoint('a', 1, { connectionsMax: 9 })],
  ])('changes a %s only once it is carried out', (_, traits) => {
    const { endpoints, changed } = endpointsChange([a], [traits]);
    expect(endpoints).toEqual([a]);
    expect(changed).toEqual([{ endpoint: a, traits }]);
    expect([a.weight, a.isBackup, a.connectionsMax]).toEqual([1, false, Number.POSITIVE_INFINITY]);
  });

  it('is none where the same are wanted, in whatever order', () => {
    expect(isChange(endpointsChange([a, b], [testEndpoint('b'), testEndpoint('a')]))).toBe(false);
  });

  it('names as many as there are to be, and every endpoint that was or is once', () => {
    const set = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    fc.assert(
      fc.property(set, set, (before, after) => {
        const current = before.map((id) => testEndpoint(id));
        const change = endpointsChange(
          current,
          after.map((id) => testEndpoint(id)),
        );
        expect(change.endpoints.map(shortId)).toEqual(after);
        expect(new Set([...change.endpoints, ...change.removed])).toEqual(
          new Set([...current, ...change.added]),
        );
      }),
    );
  });
});
