import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['2s', 2_000],
    ['20m', 1_200_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1m500ms', 60_500],
  ])('reads %s as %i ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each([
    ['a bare number, which has no unit', '250'],
    ['a unit without a number', 'ms'],
    ['a fraction', '1.5s'],
    ['a negative duration', '-1s'],
    ['a blank between number and unit', '1 s'],
    ['blanks around it', ' 1s '],
    ['another case', '1S'],
    ['something behind it', '1sx'],
    ['an unknown unit', '1w'],
    ['nothing', ''],
    ['ten digits, of which a product could lose some', '9999999999s'],
  ])('refuses %s: %j', (_, text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.4, '0s'],
    [0.5, '1ms'],
    [1, '1ms'],
    [1_000, '1s'],
    [90_000, '1m30s'],
    [86_400_000, '1d'],
    [90_061_001, '1d1h1m1s1ms'],
  ])('writes %i ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it('is read back as the duration that was written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 31_536_000_000 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
      }),
    );
  });
});
