import { describe, expect, it } from 'vitest';
import { formatPercentage, formatRate, parsePercentage, parseRate } from './rate.ts';

describe('a rate', () => {
  it.each(['1/s', '50/s', '1000/s'])('%s is read, and written back', (text) => {
    expect(formatRate(parseRate(text) ?? Number.NaN)).toBe(text);
  });

  it.each(['', '50', '0/s', '-1/s', '1.5/s', '50/m', ' 50/s', '1e3/s', '1000000/s'])('is not %j', (text) => {
    expect(parseRate(text)).toBeUndefined();
  });
});

describe('a percentage', () => {
  it('is a fraction, and every one is written back', () => {
    expect(parsePercentage('10%')).toBe(0.1);
    for (let percent = 0; percent <= 100; percent++)
      expect(formatPercentage(parsePercentage(`${percent}%`) ?? Number.NaN)).toBe(`${percent}%`);
  });

  it.each(['', '10', '%', '101%', '-1%', '1.5%', '010%'])('is not %j', (text) => {
    expect(parsePercentage(text)).toBeUndefined();
  });
});
