import { describe, expect, it } from 'vitest';
import { BodyDecoder } from './body-decoder.ts';
import { defaultHeadLimits } from './limits.ts';
import { readRequest } from './testing/reading.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunked = (body: string, cuts?: readonly number[]) => readRequest(HEAD + body, cuts);

/** Steps through one piece and answers the data in it, then what the last step said. */
function take(decoder: BodyDecoder, text: string): string[] {
  const bytes = Buffer.from(text, 'latin1');
  const taken: string[] = [];
  for (let at = 0; ; at = decoder.next) {
    const step = decoder.step(bytes, at, bytes.length);
    if (step !== 'data') return [...taken, step];
    taken.push(bytes.toString('latin1', decoder.dataStart, decoder.dataEnd));
  }
}

describe('chunks', () => {
  it.each([
    ['nothing but the last one', '0\r\n\r\n', ''],
    ['upper and lower case', 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n', '01234567890123456789'],
    ['leading zeros', '0005\r\nhello\r\n000\r\n\r\n', 'hello'],
    ['data that looks like framing', '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n\r\n'],
    ['extensions, which are dropped', '5;a;b=c;d="e;\\""\r\nhello\r\n0;z=1\r\n\r\n', 'hello'],
  ])('are read: %s', (_name, text, body) => {
    expect(chunked(text)).toMatchObject({ outcome: 'complete', body, trailers: [] });
  });

  it.each([
    ['bad-chunk-size', 'no digits', '\r\n\r\n'],
    ['bad-chunk-size', 'a prefix', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'a plus', '+5\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'a minus', '-5\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'a blank before it', ' 5\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'a blank after it', '5 \r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'a blank before an extension', '5 ;a\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'an underscore', '1_0\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-size', 'more than 2^52', '10000000000000000\r\n'],
    ['bare-lf', 'after the size', '5\nhello\r\n0\r\n\r\n'],
    ['bare-lf', 'after an extension', '5;a\nhello\r\n0\r\n\r\n'],
    ['bare-cr', 'after the size', '5\rxhello\r\n0\r\n\r\n'],
    ['bad-chunk-extension', 'no name', '5;\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-extension', 'a blank', '5; a\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-extension', 'no value', '5;a=\r\nhello\r\n0\r\n\r\n'],
    ['bare-cr', 'inside an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-extension', 'CR in quotes', '5;a="\r\n"\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-extension', 'a control byte', '5;a\x00\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-extension', 'more after quotes', '5;a="b"c\r\nhello\r\n0\r\n\r\n'],
    ['bad-chunk-end', 'data longer than announced', '5\r\nhello!\r\n0\r\n\r\n'],
    ['bad-chunk-end', 'LF alone after the data', '5\r\nhello\n0\r\n\r\n'],
    ['bad-chunk-end', 'CR alone after the data', '5\r\nhello\r0\r\n\r\n'],
    ['bare-cr', 'after the last chunk', '0\r\n\rx\n'],
    ['folded-line', 'a folded trailer', '0\r\nX-A: b\r\n c\r\n\r\n'],
    ['bad-value', 'a control byte in a trailer', '0\r\nX-A: \x01\r\n\r\n'],
    ['too-many-fields', 'more trailers than fields are allowed', `0\r\n${'X-A: b\r\n'.repeat(101)}\r\n`],
    ['fields-too-large', 'endless trailers', `0\r\nX-A: ${'a'.repeat(20_000)}`],
    ['chunk-extensions-too-large', 'more extension than data', `1;${'a'.repeat(8_192)}\r\nx\r\n`.repeat(3)],
  ])('are rejected as %s: %s', (reason, _name, text) => {
    expect(chunked(text).outcome).toBe(reason);
    expect(chunked(text, [HEAD.length, ...new Array(text.length).fill(1)]).outcome).toBe(reason);
  });

  it('bring trailers, without those that would change what the head said', () => {
    const trailers =
      'X-Sum: 1\r\nContent-Length: 9\r\nHOST: evil\r\nx_forwarded_for: 1\r\ncookie: a=b\r\nX-Sum:2\r\n';
    expect(chunked(`1\r\nx\r\n0\r\n${trailers}\r\n`).trailers).toEqual(['X-Sum', '1', 'X-Sum', '2']);
  });

  it('end where they end: what follows is the next message', () => {
    const body = '1\r\nx\r\n0\r\nX-A: b\r\n\r\n';
    expect(chunked(`${body}GET /next HTTP/1.1\r\n`).length).toBe(HEAD.length + body.length);
  });

  it('are pointed at, not copied: one slice for each chunk of a piece', () => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    decoder.begin('chunked', -1);
    expect(take(decoder, '2\r\nab\r\n3\r\ncd')).toEqual(['ab', 'cd', 'more']);
    expect(take(decoder, 'e\r\n0\r\n')).toEqual(['e', 'more']);
    expect(take(decoder, '\r')).toEqual(['more']);
    expect(take(decoder, '\n')).toEqual(['end']);
  });
});

describe('a body of known length', () => {
  it('ends with its last byte', () => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    decoder.begin('length', 5);
    expect(take(decoder, 'he')).toEqual(['he', 'more']);
    expect(take(decoder, 'lloGET')).toEqual(['llo', 'end']);
    expect(decoder.next).toBe(3);
  });

  it('may be empty', () => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    decoder.begin('length', 0);
    expect(take(decoder, 'GET')).toEqual(['end']);
    expect(decoder.next).toBe(0);
  });
});

describe('a body that is larger than allowed', () => {
  it.each([
    ['by its announced length, before any of it is read', 'length', 6, 'hello!', ['rejected']],
    ['by the chunk that goes too far', 'chunked', -1, '3\r\nabc\r\n3\r\ndef\r\n', ['abc', 'rejected']],
    ['by what arrived until the end', 'until-close', -1, 'hello!', ['rejected']],
  ] as const)('is rejected %s', (_name, framing, length, text, taken) => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    decoder.begin(framing, length, 5);
    expect(take(decoder, text)).toEqual(taken);
    expect(decoder.rejection).toBe('body-too-large');
    expect(take(decoder, text)).toEqual(['rejected']);
  });

  it.each([
    ['length', 5, 'hello', ['hello', 'end']],
    ['chunked', -1, '5\r\nhello\r\n0\r\n\r\n', ['hello', 'end']],
    ['until-close', -1, 'hello', ['hello', 'more']],
  ] as const)('is not one that just fits (%s)', (framing, length, text, taken) => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    decoder.begin(framing, length, 5);
    expect(take(decoder, text)).toEqual(taken);
  });
});

describe('the end of the connection', () => {
  it('completes only a body that reaches until then: any other was cut off and must not look whole', () => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    for (const [framing, isComplete] of [
      ['until-close', true],
      ['length', false],
      ['chunked', false],
    ] as const) {
      decoder.begin(framing, 5);
      take(decoder, '2\r\n');
      expect(decoder.isCompleteAtClose).toBe(isComplete);
    }
  });
});

describe('a decoder', () => {
  it('forgets the last body when the next begins, whatever came of it', () => {
    const decoder = new BodyDecoder(defaultHeadLimits);
    decoder.begin('chunked', -1);
    expect(take(decoder, '1\r\nx\r\n0\r\nX-A: b\r\n\r\n')).toEqual(['x', 'end']);
    expect(decoder.trailers).toEqual(['X-A', 'b']);
    decoder.begin('chunked', -1);
    expect(decoder.trailers).toEqual([]);
    expect(take(decoder, 'zz')).toEqual(['rejected']);
    decoder.begin('none', -1);
    expect(take(decoder, 'GET')).toEqual(['end']);
  });
});
