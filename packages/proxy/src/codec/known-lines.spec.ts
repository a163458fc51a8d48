import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldSet } from './field-kind.ts';
import { RequestHeadParser } from './request-head.ts';

const HOP_BY_HOP = fieldSet('alias', 'nominated', 'connection', 'keepAlive', 'te');

/** Lines that say the same, nearly the same, or something that changes what other lines mean. */
const LINES = [
  'Host: a',
  'Host: b',
  'Connection: keep-alive',
  'Connection: close',
  'Connection: x-one',
  'Connection: x-two, upgrade',
  'X-One: 1',
  'X-One: 2',
  'X-One:1',
  'X-One: 1 ',
  'X-Two:  1',
  'x_forwarded_for: evil',
  'Content-Length: 1',
  'Content-Length: 1',
  'Transfer-Encoding: chunked',
  'Upgrade: websocket',
  'Cookie: s=1',
  'Cookie: s=2',
  'TE: trailers',
  ' folded',
  'Bad Name: 1',
  'X-Long: '.padEnd(700, 'x'),
];

const headOf = (target: string, lines: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

/** All that a parser says of a head, fed to it in pieces of `size`. */
function readingOf(parser: RequestHeadParser, head: string, size: number): unknown {
  const bytes = Buffer.from(head, 'latin1');
  let state = 'partial';
  let at = 0;
  for (; at < bytes.length && state === 'partial'; at += size)
    state = parser.feed(bytes, at, Math.min(at + size, bytes.length));
  if (state !== 'complete') return { state, rejection: parser.rejection };
  const { fields, host, method, target, path, isPersistent, isUpgrade, contentLength, isChunked } = parser;
  const { acceptsTrailers, isAbsolute } = parser;
  return {
    ...{ state, host, method, target, path, isPersistent, isUpgrade, contentLength, isChunked },
    ...{ acceptsTrailers, isAbsolute },
    next: at - size + parser.next,
    list: fields.toList(),
    kinds: [fields.kinds, fields.repeated],
    eachKind: Array.from({ length: fields.count }, (_, index) => fields.kind(index)),
    copy: fields.copy(HOP_BY_HOP),
  };
}

describe('a parser that knows lines from the heads before', () => {
  const line = fc.constantFrom(...LINES);
  const varied = fc.array(line, { maxLength: 6 });
  const target = fc.constantFrom('/', '/longer?x=1', 'http://a/');

  it('reads every head as one that knows nothing does', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(target, varied, fc.nat({ max: 6 }), fc.nat({ max: 99 })), {
          minLength: 3,
          maxLength: 12,
        }),
        (common, heads) => {
          let parser = new RequestHeadParser();
          for (const [path, own, shared, cut] of heads) {
            const head = headOf(path, ['Host: a', ...common.slice(0, shared), ...own]);
            const size = cut < 50 ? head.length : cut;
            const expected = readingOf(new RequestHeadParser(), head, size);
            expect(readingOf(parser, head, size)).toEqual(expected);
            // Nothing more is read from a connection after a rejection.
            if ((expected as { state: string }).state === 'rejected') parser = new RequestHeadParser();
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('notices what has changed within the lines that it knows, after any number of equal heads', () => {
    const same = headOf('/', ['Host: a', 'X-One: 1', 'X-Two: 2', 'Cookie: s=1']);
    for (let repeats = 0; repeats < 200; repeats += 13) {
      const parser = new RequestHeadParser();
      for (let count = 0; count < repeats; count++) readingOf(parser, same, same.length);
      const other = headOf('/', ['Host: a', 'X-One: 3', 'X-Two: 2', 'Cookie: s=1']);
      expect(readingOf(parser, other, other.length)).toEqual(
        readingOf(new RequestHeadParser(), other, other.length),
      );
    }
  });

  it('forgets which lines a head before has nominated as hop-by-hop', () => {
    const parser = new RequestHeadParser();
    const nominating = headOf('/', ['Host: a', 'X-One: 1', 'Connection: x-one']);
    for (let count = 0; count < 4; count++) readingOf(parser, nominating, nominating.length);
    const plain = headOf('/', ['Host: a', 'X-One: 1', 'Connection: keep-alive']);
    readingOf(parser, plain, plain.length);
    expect(parser.fields.copy(HOP_BY_HOP)).toContain('X-One: 1');
  });

  it('takes over the same number of header lines as are allowed', () => {
    const parser = new RequestHeadParser();
    const many = headOf('/', ['Host: a', ...Array.from({ length: 99 }, (_, index) => `X-${index}: 1`)]);
    for (let count = 0; count < 5; count++)
      expect(parser.feed(Buffer.from(many), 0, many.length)).toBe('complete');
    const tooMany = many.replace('\r\n\r\n', '\r\nX-More: 1\r\n\r\n');
    expect(parser.feed(Buffer.from(tooMany), 0, tooMany.length)).toBe('rejected');
    expect(parser.rejection).toBe('too-many-fields');
  });
});
