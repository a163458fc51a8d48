import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTraceState } from './trace-state.ts';

/** As many members as asked for, each with a key of its own. */
const members = (count: number): string =>
  Array.from({ length: count }, (_, index) => `k${index}=v`).join(',');

const ALL_KEY_CHARACTERS = `a${'bcdefghijklmnopqrstuvwxyz0123456789_-*/'}`;
const ALL_VALUE_CHARACTERS = Array.from({ length: 0x7e - 0x20 + 1 }, (_, index) =>
  String.fromCharCode(0x20 + index),
)
  .filter((character) => character !== ',' && character !== '=')
  .join('');

/** What a field value may be made of, and more. */
const anyBytes = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

describe('a tracestate', () => {
  it.each([
    ['one member', 'foo=1'],
    ['a tenant and a system', `${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
    ['a key that begins with a digit', '0foo=1'],
    ['a key of 256 characters', `${'z'.repeat(256)}=1`],
    ['every character of a key', `${ALL_KEY_CHARACTERS}=1`],
    ['every character of a value', `a=${ALL_VALUE_CHARACTERS}`],
    ['a value of 256 characters', `a=${'~'.repeat(256)}`],
    ['a value that begins with blanks', 'a=  1'],
    ['32 members', members(32)],
  ])('passes on as it came with %s', (_what, text) => {
    expect(readTraceState(text)).toBe(text);
  });

  it('loses what means nothing: empty members, and blanks around others', () => {
    expect(readTraceState(' foo=1 \t,, \t,\tbar=2,')).toBe('foo=1,bar=2');
    expect(readTraceState('')).toBe('');
  });

  it.each([
    ['33 members', members(33)],
    ['a key twice', 'foo=1,bar=2,foo=3'],
    ['no key', '=1'],
    ['no value', 'foo=,bar=3'],
    ['no equals sign', 'foo,bar=3'],
    ['a second equals sign', 'foo=bar=baz'],
    ['a blank within a key', 'foo =1'],
    ['capital letters in a key', 'FOO=1'],
    ['a dot in a key', 'foo.bar=1'],
    ['a tenant without a system', 'foo@=1,bar=2'],
    ['a system without a tenant', '@foo=1,bar=2'],
    ['two at signs', 'foo@@bar=1,bar=2'],
    ['a system within a system', 'foo@bar@baz=1'],
    ['a key of 257 characters', `${'z'.repeat(257)}=1`],
    ['a tenant of 242 characters', `${'t'.repeat(242)}@v=1`],
    ['a system of 15 characters', `t@${'v'.repeat(15)}=1`],
    ['a value of 257 characters', `a=${'1'.repeat(257)}`],
    ['a character beyond ASCII', 'foo=\u00fc'],
    ['a control character', 'foo=a\u0001b'],
  ])('is none with %s', (_what, text) => {
    expect(readTraceState(text)).toBe('');
  });

  it('never throws, and what it lets through it lets through again', () => {
    const like = fc
      .array(fc.tuple(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 })), { maxLength: 40 })
      .map((all) => all.map((pair) => pair.join('=')).join(','));
    fc.assert(
      fc.property(fc.oneof(like, anyBytes), (text) => {
        const state = readTraceState(text);
        expect(readTraceState(state)).toBe(state);
        expect(state).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});
