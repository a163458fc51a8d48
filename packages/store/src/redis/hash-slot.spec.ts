import { describe, expect, it } from 'vitest';
import { hashSlot } from './hash-slot.ts';

describe('the hash slot of a key', () => {
  it.each([
    ['123456789', 0x31c3],
    ['', 0],
    ['foo', 12_182],
    ['hello', 866],
  ])('of %j is that of the specification', (key, slot) => {
    expect(hashSlot(key)).toBe(slot);
  });

  it.each([
    ['hf:{shop:007}:pins', 'shop:007'],
    ['a{b}c{d}', 'b'],
    ['a{{b}}c', '{b'],
  ])('of %j is that of its hash tag', (key, tag) => {
    expect(hashSlot(key)).toBe(hashSlot(`${tag}`));
    expect(hashSlot(key)).toBe(hashSlot(`other{${tag}}`));
  });

  it.each(['a{}b', 'a{b', 'a}b{'])('of %j, which has no hash tag, is that of all of it', (key) => {
    expect(hashSlot(key)).not.toBe(hashSlot(''));
    expect(hashSlot(key)).not.toBe(hashSlot('b'));
  });
});
