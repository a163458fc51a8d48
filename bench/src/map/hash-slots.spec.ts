import { describe, expect, it } from 'vitest';
import { fullestOf, slotOf } from './hash-slots.ts';

describe('the slot of a hash tag', () => {
  it.each([
    ['123456789', 0x31c3],
    ['foo', 12_182],
    ['user1000', 3_443],
  ])('of %s is the one that Redis names', (tag, slot) => {
    expect(slotOf(tag)).toBe(slot);
  });
});

describe('the fullest of some primaries', () => {
  it('is the one with most tags, where each has as many slots', () => {
    expect(fullestOf(['123456789', 'foo', 'user1000'], 1)).toBe(3);
    // Of four, the third has slots 8,192 to 12,287, and the last one those from there on.
    expect(fullestOf(['123456789', 'foo', 'user1000'], 4)).toBe(1);
    expect(fullestOf(['foo', 'foo', 'user1000'], 4)).toBe(2);
  });
});
