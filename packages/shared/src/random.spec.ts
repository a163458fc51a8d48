import { describe, expect, it } from 'vitest';
import { systemRandom } from './random.ts';

const BLOCK_BYTES = 4096;

describe('systemRandom', () => {
  it('gives exactly as many bytes as were asked for, also across the end of a block and beyond one', () => {
    const random = systemRandom();
    const lengths = [0, 1, 16, BLOCK_BYTES - 20, 16, 16, BLOCK_BYTES, BLOCK_BYTES + 1];
    expect(lengths.map((length) => random.bytes(length).length)).toEqual(lengths);
  });

  it('never gives the same bytes twice', () => {
    const random = systemRandom();
    const drawn = Array.from({ length: 3_000 }, () => random.bytes(16).toString('hex'));
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('does not change bytes that it has given away', () => {
    const random = systemRandom();
    const first = random.bytes(16);
    const before = first.toString('hex');
    for (let bytes = 0; bytes <= BLOCK_BYTES; bytes += 16) random.bytes(16);
    expect(first.toString('hex')).toBe(before);
  });

  it('gives no bytes of zeroes, which is what the used part of a block is overwritten with', () => {
    const random = systemRandom();
    const zeroes = Buffer.alloc(16);
    for (let draw = 0; draw < 600; draw++) expect(random.bytes(16).equals(zeroes)).toBe(false);
  });

  it('draws numbers from 0 up to, not including, 1', () => {
    const random = systemRandom();
    for (let draw = 0; draw < 1_000; draw++) {
      const number = random.unit();
      expect(number >= 0 && number < 1).toBe(true);
    }
  });
});
