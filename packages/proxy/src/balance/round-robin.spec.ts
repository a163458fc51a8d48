import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { selectOf } from '../testing/selecting.ts';
import { RoundRobin } from './round-robin.ts';
import { STRANGER } from './selector.ts';

const endpoints = (...ids: string[]): readonly Endpoint[] => ids.map((id) => testEndpoint(id));

const take = (selector: RoundRobin, turns: number, except?: Endpoint): string =>
  Array.from({ length: turns }, () => shortId(selectOf(selector, STRANGER, except))).join(' ');

const roundRobin = (candidates: readonly Endpoint[], start = 0): RoundRobin => {
  const selector = new RoundRobin(start);
  selector.use(candidates);
  return selector;
};

describe('round robin', () => {
  it('names the candidates in turn', () => {
    expect(take(roundRobin(endpoints('a', 'b', 'c')), 7)).toBe('a b c a b c a');
  });

  it('spreads the turns of a heavy candidate between the others', () => {
    const selector = roundRobin([testEndpoint('a', 5), testEndpoint('b'), testEndpoint('c')]);
    expect(take(selector, 14)).toBe('a a b a c a a a a b a c a a');
  });

  it.each([
    [0, 'a b c'],
    [0.34, 'b c a'],
    [0.99, 'c a b'],
  ])('begins at %d of the first turn, so that restarted nodes differ', (start, turns) => {
    expect(take(roundRobin(endpoints('a', 'b', 'c'), start), 3)).toBe(turns);
  });

  it('keeps its place when the pool changes, so that a change does not send everybody to the first', () => {
    const selector = roundRobin(endpoints('a', 'b', 'c', 'd'));
    take(selector, 2);
    selector.use(endpoints('a', 'b', 'c', 'd', 'e', 'f'));
    expect(take(selector, 3)).toBe('d e f');
  });

  it('passes over the excluded one and goes on behind it', () => {
    const [a, b, c] = endpoints('a', 'b', 'c') as [Endpoint, Endpoint, Endpoint];
    const selector = roundRobin([a, b, c]);
    expect(take(selector, 1, a)).toBe('b');
    expect(take(selector, 2)).toBe('c a');
  });

  it('names nobody when only the excluded one is there, or nobody at all', () => {
    const only = testEndpoint('a');
    expect(selectOf(roundRobin([only]), STRANGER, only)).toBeUndefined();
    expect(selectOf(roundRobin([]))).toBeUndefined();
    expect(selectOf(new RoundRobin(0.5))).toBeUndefined();
  });

  it('comes back to life after a time without candidates', () => {
    const selector = roundRobin(endpoints('a', 'b'));
    selector.use([]);
    selector.use(endpoints('a', 'b'));
    expect(take(selector, 2)).toBe('a b');
  });

  it('counts a weight of 0 as 1: it is asked so only when there is no other', () => {
    expect(take(roundRobin([testEndpoint('a', 0), testEndpoint('b', 0)]), 3)).toBe('a b a');
  });
});
