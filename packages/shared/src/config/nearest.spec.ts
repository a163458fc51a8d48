import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('nearest', () => {
  const keys = ['idleTimeout', 'absoluteTimeout', 'name', 'pool', 'pools', 'cookie'];

  it.each([
    ['idleTimout', 'idleTimeout'],
    ['idletimeout', 'idleTimeout'],
    ['nmae', 'name'],
    ['pol', 'pool'],
    ['cokie', 'cookie'],
  ])('takes %s for %s', (text, meant) => {
    expect(nearest(text, keys)).toBe(meant);
  });

  it.each(['colour', 'x', 'timeout', ''])('makes no guess at %j', (text) => {
    expect(nearest(text, keys)).toBeUndefined();
  });

  it('never suggests what is there already', () => {
    expect(nearest('name', ['name'])).toBeUndefined();
  });
});

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abcd', 'abdc', 1],
    ['kitten', 'sitting', 3],
  ])('from %j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is the same both ways, and zero only between equals', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
