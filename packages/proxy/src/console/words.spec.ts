import { describe, expect, it } from 'vitest';
import { ago, counted, formatCount, poolOf, roughly, upTo, within } from './words.ts';

describe('durations on a page', () => {
  it.each([
    [0, '0s'],
    [999, '0s'],
    [-5_000, '0s'],
    [59_000, '59s'],
    [61_500, '1m 1s'],
    [3_600_000, '1h'],
    [3_661_000, '1h 1m'],
    [90_061_000, '1d 1h'],
  ])('of %i ms are %s: the two largest units', (durationMs, text) => expect(roughly(durationMs)).toBe(text));

  it('say how long ago an instant is, and how long until it', () => {
    expect(ago('1970-01-01T00:00:10.000Z', 75_000)).toBe('1m 5s ago');
    expect(within('1970-01-01T00:01:15.000Z', 10_000)).toBe('in 1m 5s');
    expect(within('1970-01-01T00:00:10.000Z', 10_000)).toBe('over');
  });
});

it.each([
  [0.005, '≤ 5 ms'],
  [0.75, '≤ 750 ms'],
  [2.5, '≤ 2.5 s'],
  [Number.POSITIVE_INFINITY, 'over 10 s'],
])('a bound of %d s is %s', (seconds, text) => expect(upTo(seconds)).toBe(text));

describe('counts on a page', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1 000'],
    [1_234_567, '1 234 567'],
  ])('have their thousands apart: %i', (count, text) => expect(formatCount(count)).toBe(text));

  it('have their thing in the number that belongs to it', () => {
    expect([0, 1, 2].map((count) => counted(count, 'session'))).toEqual([
      '0 sessions',
      '1 session',
      '2 sessions',
    ]);
  });
});

it('the pool of an endpoint is what stands before the stroke', () =>
  expect(poolOf('shop/a:80')).toBe('shop'));
