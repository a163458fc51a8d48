import { sessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { type Identity, NO_KEYS } from './key-source.ts';
import { OpenedCookies } from './opened-cookies.ts';
import type { EndpointTag, Voucher } from './voucher.ts';

const KEY = sessionKey('AAAAAAAAAAAAAAAAAAAAAA');

const voucherOf = (version: number): Voucher => ({
  key: KEY,
  sessionId: Buffer.alloc(16),
  endpointTag: 'AAAAAAAA' as EndpointTag,
  version,
  startedAtMs: 0,
  issuedAtMs: 0,
  isCurrentKey: true,
});

const identityOf = (version: number): Identity => ({
  key: KEY,
  otherKeys: NO_KEYS,
  voucher: voucherOf(version),
});

describe('opened cookies', () => {
  it('are remembered by their text', () => {
    const opened = new OpenedCookies(10);
    opened.set('one-cookie', identityOf(1));
    opened.set('two-cooked', identityOf(2));
    expect(opened.get('one-cookie')?.voucher?.version).toBe(1);
    expect(opened.get('two-cooked')?.voucher?.version).toBe(2);
  });

  it('are not taken for another that ends in the same characters', () => {
    const opened = new OpenedCookies(10);
    opened.set('genuine-cookie', identityOf(1));
    expect(opened.get('forged--cookie')).toBeUndefined();
    expect(opened.get('-cookie')).toBeUndefined();
  });

  it('give way to a later one of the same number, and are opened again then', () => {
    const opened = new OpenedCookies(10);
    opened.set('first--cookie', identityOf(1));
    opened.set('second-cookie', identityOf(2));
    expect(opened.get('first--cookie')).toBeUndefined();
    expect(opened.get('second-cookie')?.voucher?.version).toBe(2);
  });

  it.each(['', 'a', 'abcde'])('may be asked for a text that is no cookie: "%s"', (text) => {
    expect(new OpenedCookies(10).get(text)).toBeUndefined();
  });

  it('are bounded', () => {
    const opened = new OpenedCookies(2);
    for (const text of ['a-abcdef', 'a-bcdefg', 'a-cdefgh']) opened.set(text, identityOf(1));
    expect(opened.get('a-abcdef')).toBeUndefined();
    expect(opened.get('a-cdefgh')).toBeDefined();
  });
});
