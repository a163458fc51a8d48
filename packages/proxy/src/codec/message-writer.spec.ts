import { HoldfastError } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import {
  chunkStart,
  fieldLine,
  fieldLines,
  lastChunk,
  requestHead,
  responseHead,
  trustedFieldLines,
} from './message-writer.ts';

describe('writing', () => {
  it('makes heads of lists', () => {
    expect(requestHead('GET', '/a?b', ['Host', 'a', 'X-Empty', ''])).toBe(
      'GET /a?b HTTP/1.1\r\nHost: a\r\nX-Empty: \r\n\r\n',
    );
    expect(responseHead(204, '', [])).toBe('HTTP/1.1 204 \r\n\r\n');
  });

  it('makes the same lines of a list that can be trusted', () => {
    const list = ['Host', 'a', 'X-Empty', '', 'X-A', '\xe4, b'];
    expect(trustedFieldLines(list)).toBe(fieldLines(list));
  });

  it('frames chunks', () => {
    expect(chunkStart(255)).toBe('ff\r\n');
    expect(lastChunk([])).toBe('0\r\n\r\n');
    expect(lastChunk(['X-Sum', '1'])).toBe('0\r\nX-Sum: 1\r\n\r\n');
  });

  it.each([
    ['CR', 'X-A', 'b\rc'],
    ['LF', 'X-A', 'b\nSet-Cookie: c'],
    ['NUL', 'X-A', 'b\0'],
    ['a character that latin1 would turn into LF', 'X-A', 'b\u010aSet-Cookie: c'],
    ['a character outside latin1', 'X-A', '\u20ac'],
    ['an empty name', '', 'b'],
    ['a colon in a name', 'X-A: b', 'c'],
    ['a line break in a name', 'X-A\r\n', 'c'],
    ['a name that latin1 would turn into another', 'X-\u0141', 'c'],
  ])('refuses %s', (_name, name, value) => {
    expect(() => fieldLine(name, value)).toThrow(HoldfastError);
    expect(() => responseHead(200, 'OK', [name, value])).toThrow(HoldfastError);
    expect(() => lastChunk([name, value])).toThrow(HoldfastError);
  });

  it('does not repeat a refused value in the error, where it might be logged', () => {
    expect(() => fieldLine('Cookie', 'secret\n')).toThrow(/^(?!.*secret).*Cookie/s);
  });
});
