import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeCookie } from './cookie-header.ts';

const cookieValues = (field: string, name: string) => takeCookie(field, name)?.values ?? [];
const withoutCookie = (field: string, name: string) => takeCookie(field, name)?.rest ?? field;

describe('the values of a cookie in a Cookie field', () => {
  it.each([
    ['the only cookie', 's=1', ['1']],
    ['the first of several', 's=1; a=2', ['1']],
    ['the last of several', 'a=2; s=1', ['1']],
    ['every one of that name, in order', 's=1; a=2; s=3', ['1', '3']],
    ['none where the name is the end of another', 'xs=1; _s=2', []],
    ['none where the name is the start of another', 'ss=1; s_=2', []],
    ['none where the name stands in a value', 'a=s=1', []],
    ['a value with "=" in it', 's=a=b; c=d', ['a=b']],
    ['an empty value', 's=; a=1', ['']],
    ['without blanks after the separator', 'a=1;s=2;b=3', ['2']],
    ['none in an empty field', '', []],
    ['a name written in another case is another cookie', 'S=1', []],
  ])('%s', (_, field, expected) => {
    expect(cookieValues(field, 's')).toEqual(expected);
  });
});

describe('a Cookie field without one cookie', () => {
  it.each([
    ['the only one leaves nothing', 's=1', ''],
    ['the first', 's=1; a=2', 'a=2'],
    ['the middle one', 'a=2; s=1; b=3', 'a=2; b=3'],
    ['the last', 'a=2; s=1', 'a=2'],
    ['all of that name', 's=1; a=2; s=3', 'a=2'],
    ['two in a row', 'a=1; s=2; s=3; b=4', 'a=1; b=4'],
    ['nothing to remove', 'a=1; b="x y"', 'a=1; b="x y"'],
    ['quoted values with odd characters stay byte for byte', 'a="x;y"; s=1; b=ü', 'a="x;y"; b=ü'],
  ])('%s', (_, field, expected) => {
    expect(withoutCookie(field, 's')).toBe(expected);
  });

  const token = fc.stringMatching(/^[a-z]{1,3}$/);
  const pairs = fc.array(fc.tuple(token, fc.stringMatching(/^[!#-:<-~]{0,5}$/)), { maxLength: 6 });

  it('keeps every other cookie byte for byte and in order, wherever ours stands', () => {
    fc.assert(
      fc.property(pairs, (cookies) => {
        const field = cookies.map(([name, value]) => `${name}=${value}`).join('; ');
        const others = cookies.filter(([name]) => name !== 'ab').map(([name, value]) => `${name}=${value}`);
        expect(withoutCookie(field, 'ab')).toBe(others.join('; '));
        expect(cookieValues(field, 'ab')).toEqual(
          cookies.filter(([name]) => name === 'ab').map(([, value]) => value),
        );
      }),
    );
  });

  it('ends, and leaves none of ours, for any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('s', '=', ';', ' ', 'x', '\t'), { maxLength: 30 }),
        (characters) => {
          expect(cookieValues(withoutCookie(characters.join(''), 's'), 's')).toEqual([]);
        },
      ),
    );
  });
});
