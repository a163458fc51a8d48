import { endpointId, type Pin, poolName, sessionKey } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointOf, keyOf, pinWith } from '../testing/index.ts';
import { decodePin, encodePin } from './pin-codec.ts';

const timeMs = fc.integer({ min: 0, max: 8_640_000_000_000_000 / 10 });

const anyPin: fc.Arbitrary<Pin> = fc.record(
  {
    endpoint: fc.string({ minLength: 1, unit: 'grapheme' }).map((id) => endpointId(poolName('shop'), id)),
    version: fc.integer({ min: 1, max: 99_999_999_999_999 }),
    pinnedAtMs: timeMs,
    expiresAtMs: timeMs,
    endsAtMs: timeMs,
    root: fc.stringMatching(/^[A-Za-z0-9_-]{22}$/).map(sessionKey),
    arrival: fc.record({
      from: fc.stringMatching(/^[\w.:[\]-]{1,128}$/).map((id) => endpointId(poolName('shop'), id)),
      reason: fc.constantFrom('rebalanced' as const, 'endpoint-drained' as const, 'operator' as const),
    }),
  },
  { requiredKeys: ['endpoint', 'version', 'pinnedAtMs', 'expiresAtMs', 'endsAtMs'] },
);

describe('the pin codec', () => {
  it('reads back every pin that it writes', () => {
    fc.assert(
      fc.property(anyPin, (pin) => {
        expect(decodePin(encodePin(pin), pin.expiresAtMs)).toEqual(pin);
      }),
    );
  });

  it('writes a form that later releases must still read', () => {
    expect(encodePin(pinWith())).toBe('1 loyw3v28 loywgq0w shop/shop-1');
    const alias = pinWith({ root: keyOf(7) });
    expect(encodePin(alias)).toBe('1 loyw3v28 loywgq0w ^kkkkkkkkkkkkkkkkkkkkk7 shop/shop-1');
    const arriving = pinWith({ arrival: { from: endpointOf(2), reason: 'rebalanced' } });
    expect(encodePin(arriving)).toBe('1 loyw3v28 loywgq0w >rebalanced,shop/shop-2 shop/shop-1');
  });

  it.each([
    'a-later-reason,shop/a',
    'rebalanced',
    'rebalanced,',
    'rebalanced,no-pool',
    ',shop/a',
    'rebalanced,a/b/c',
  ])('reads the pin and passes over an arrival that says %j', (arrival) => {
    expect(decodePin(`1 a a >${arrival} shop/b`, 1)).toEqual(decodePin('1 a a shop/b', 1));
  });

  it('never throws, whatever it reads', () => {
    const anything = fc.oneof(fc.string(), fc.anything());
    fc.assert(fc.property(anything, anything, (value, deadline) => void decodePin(value, deadline)));
  });

  it.each([
    '',
    '0 a a x',
    '01 a a x',
    '1 a a ',
    '1 a x',
    '1 A a x',
    `1 ${'z'.repeat(11)} a x`,
    `${'9'.repeat(16)} a a x`,
    '1 a a ^x',
    `1 a a ^${'k'.repeat(21)} x`,
    `1 a a ^${'k'.repeat(23)} x`,
    `1 a a ^${'k'.repeat(22)} `,
    `1 a a ^${'k'.repeat(22)} ^x`,
    `1 a a ^${'.'.repeat(22)} x`,
    '1 a a >x',
    '1 a a >rebalanced,shop/a >x',
    '1 a a >rebalanced,shop/a ^x',
    '1 a a >rebalanced,shop/a\r\nX: 1 x',
    `1 a a >${'a'.repeat(257)} x`,
  ])('takes %j for no pin', (value) => {
    expect(decodePin(value, 1)).toBeUndefined();
  });
});
