import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOf, pairsOf, recordOf } from './field-lines.ts';

const field = fc.tuple(
  fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/),
  fc.stringMatching(/^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/),
);

describe('field lines', () => {
  it('are a list of the same names and values, however many there are and whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(field), fc.constantFrom(': ', ':', ':\t'), (fields, colon) => {
        const lines = fields.map(([name, value]) => `${name}${colon}${value}\r\n`).join('');
        expect(listOf(lines)).toEqual(fields.flat());
        expect(pairsOf(listOf(lines))).toEqual(fields);
      }),
    );
  });

  it('keep the colons of a value', () => {
    expect(listOf('Location: http://a:80/\r\n')).toEqual(['Location', 'http://a:80/']);
  });

  it('keep bytes that are white space in other places only', () => {
    expect(listOf('X-City: \xc3\xa0 \r\n')).toEqual(['X-City', '\xc3\xa0']);
  });

  it('keep their order, and each line its own place', () => {
    expect(listOf('Set-Cookie: a=1\r\nX: 1\r\nset-cookie: b=2\r\n')).toEqual([
      ...['Set-Cookie', 'a=1'],
      ...['X', '1'],
      ...['set-cookie', 'b=2'],
    ]);
  });

  it('are an object of lists, in which names are one whatever their case', () => {
    expect(recordOf(['Set-Cookie', 'a=1', 'X', '1', 'set-cookie', 'b=2'])).toEqual({
      'set-cookie': ['a=1', 'b=2'],
      x: ['1'],
    });
  });

  it('are an object of what they say only: a name that every object has is one of them', () => {
    expect(Object.entries(recordOf(['constructor', '1', '__proto__', '2']))).toEqual([
      ['constructor', ['1']],
      ['__proto__', ['2']],
    ]);
  });
});
