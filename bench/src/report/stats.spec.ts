import { describe, expect, it } from 'vitest';
import { spreadOf } from './stats.ts';

describe('the spread of a figure', () => {
  it.each([
    { name: 'one round', values: [7], spread: { median: 7, min: 7, max: 7 } },
    { name: 'an odd number of rounds', values: [30, 10, 20], spread: { median: 20, min: 10, max: 30 } },
    { name: 'an even number of rounds', values: [40, 10, 30, 20], spread: { median: 25, min: 10, max: 40 } },
    {
      name: 'figures that sort differently as text',
      values: [9, 100, 80],
      spread: { median: 80, min: 9, max: 100 },
    },
  ])('of $name', ({ values, spread }) => {
    expect(spreadOf(values)).toEqual(spread);
  });
});
