import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyField } from './body-field.ts';

const feedAll = (field: BodyField, text: string, pieceLength = text.length) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += Math.max(1, pieceLength)) {
    const finding = field.feed(bytes.subarray(at, at + Math.max(1, pieceLength)));
    if (finding.kind !== 'undecided') return finding;
  }
  return { kind: 'undecided' };
};

describe('a field of a body', () => {
  it.each([
    ['0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"]}', 'lv_VI97HAXpY6yYWAAAC'],
    ['{ "session" : { "sid" :\n "abc" } }', 'abc'],
    ['{"sid":"a\\"b\\u0041"}', 'a"bA'],
    ['{"xsid":"no","sid":"yes"}', 'yes'],
    ['{"sid":1,"then":{"sid":"text"}}', 'text'],
  ])('is found in %s', (body, value) => {
    expect(feedAll(new BodyField('sid'), body)).toEqual({ kind: 'found', value });
  });

  it('is found however the body is cut into pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.stringMatching(/^[\w-]{1,40}$/), (length, sid) => {
        const finding = feedAll(new BodyField('sid'), `0{"pingInterval":1,"sid":"${sid}"}`, length);
        expect(finding).toEqual({ kind: 'found', value: sid });
      }),
    );
  });

  it('is not found behind the first 4 KiB, and is given up there', () => {
    const pad = '{"pad":"'.padEnd(4_096, 'x');
    expect(feedAll(new BodyField('sid'), `${pad}","sid":"abc"}`)).toEqual({ kind: 'absent' });
  });

  it('is undecided while its value has not come to an end', () => {
    expect(feedAll(new BodyField('sid'), '{"sid":"ab')).toEqual({ kind: 'undecided' });
  });

  it('is absent where its value is no text that JSON knows', () => {
    expect(feedAll(new BodyField('sid'), '{"sid":"\\x"}')).toEqual({ kind: 'absent' });
  });

  it('takes signs of its name literally', () => {
    expect(feedAll(new BodyField('a.b'), '{"axb":"no","a.b":"yes"}')).toEqual({
      kind: 'found',
      value: 'yes',
    });
  });
});
