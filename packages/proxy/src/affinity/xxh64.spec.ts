import { describe, expect, it } from 'vitest';
import { xxh64 } from './xxh64.ts';

const hashOf = (text: string): string => xxh64(Buffer.from(text)).toString(16).padStart(16, '0');

describe('XXH64', () => {
  it('gives the values that its specification gives, for every length of what is left of a stripe', () => {
    expect(hashOf('')).toBe('ef46db3751d8e999');
    expect(hashOf('a')).toBe('d24ec4f1a98c6e5b');
    expect(hashOf('abc')).toBe('44bc2cf5ad770999');
    expect(hashOf('Nobody inspects the spammish repetition')).toBe('fbcea83c8a378bf1');
    expect(hashOf('xxhash')).toBe('32dd38952c4bc720');
  });
});
