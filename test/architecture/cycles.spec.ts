import { describe, expect, it } from 'vitest';
import { findCycles } from './cycles.ts';

const graphOf = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

describe('the search for circles', () => {
  it.each([
    { name: 'finds none in a tree', edges: { a: ['b', 'c'], b: ['c'], c: [] }, cycles: [] },
    { name: 'finds a file that imports itself', edges: { a: ['a'] }, cycles: ['a > a'] },
    {
      name: 'finds a circle behind a tail',
      edges: { a: ['b'], b: ['c'], c: ['d'], d: ['b'] },
      cycles: ['b > c > d > b'],
    },
    {
      name: 'finds two circles',
      edges: { a: ['b'], b: ['a'], c: ['d'], d: ['c'] },
      cycles: ['a > b > a', 'c > d > c'],
    },
    { name: 'is not led astray by a file outside', edges: { a: ['elsewhere'] }, cycles: [] },
  ])('$name', ({ edges, cycles }) => {
    expect(findCycles(graphOf(edges))).toEqual(cycles);
  });
});
