import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOfHeaders, showFields, withAddedFields, withChangedFields } from './response-fields.ts';

const added = (theirs: readonly string[], ...ours: [string, string][]): readonly string[] =>
  withAddedFields(theirs.map((line) => `${line}\r\n`).join(''), new Headers(ours))
    .split('\r\n')
    .slice(0, -1);

describe('the fields of a proxied response', () => {
  it('are as they were where middleware has set none', () => {
    const name = fc.stringMatching(/^[A-Za-z-]{1,12}$/);
    const lines = fc.array(fc.tuple(name, fc.stringMatching(/^[!-~]{0,12}$/)));
    fc.assert(
      fc.property(lines, (fields) => {
        const theirs = fields.map(([field, value]) => `${field}: ${value}`);
        expect(added(theirs)).toEqual(theirs);
      }),
    );
  });

  it('gain what middleware has set', () => {
    expect(added(['ETag: "a"'], ['X-Frame-Options', 'DENY'])).toEqual(['ETag: "a"', 'x-frame-options: DENY']);
  });

  it("stay the endpoint's where it has set the same, in any case", () => {
    expect(added(['Cache-Control: no-store'], ['cache-control', 'public'])).toEqual([
      'Cache-Control: no-store',
    ]);
  });

  it.each(['Set-Cookie', 'Vary'])('are of both where there may be several: %s', (name) => {
    const lines = added([`${name}: a`], [name, 'b']);
    expect(lines).toEqual([`${name}: a`, `${name.toLowerCase()}: b`]);
  });

  it('keep cookies of middleware apart', () => {
    expect(added([], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2; Expires=Thu, 01 Jan 1970'])).toEqual([
      'set-cookie: a=1',
      'set-cookie: b=2; Expires=Thu, 01 Jan 1970',
    ]);
  });

  it("are middleware's where they tell browsers of origins: two of them are an error there", () => {
    const theirs = ['Access-Control-Allow-Origin: *', 'access-control-max-age: 5'];
    expect(added(theirs, ['Access-Control-Allow-Origin', 'https://a.example'])).toEqual([
      'access-control-max-age: 5',
      'access-control-allow-origin: https://a.example',
    ]);
  });

  it.each(['Connection', 'Content-Length', 'Keep-Alive', 'Trailer', 'Transfer-Encoding', 'Upgrade'])(
    'never say otherwise where the body ends: %s',
    (name) => {
      expect(added([], [name, '5'])).toEqual([]);
    },
  );
});

/** The lines that middleware leaves behind when it has worked on these. */
function changed(theirs: readonly string[], work: (headers: Headers) => void): readonly string[] {
  const lines = theirs.map((line) => `${line}\r\n`).join('');
  const headers = new Headers();
  showFields(lines, headers);
  work(headers);
  return withChangedFields(lines, headers).split('\r\n').slice(0, -1);
}

const THEIRS = [
  'ETag: "a"',
  'Set-Cookie: a=1',
  'X-Two: 1',
  'Set-Cookie: b=2',
  'x-two:  2 ',
  'Connection: Upgrade',
];

describe('the fields of a response that middleware has seen', () => {
  it('are as they were, byte for byte, where it has left them alone', () => {
    const name = fc.constantFrom(
      'A',
      'a',
      'Set-Cookie',
      'Vary',
      'X-Long-Name',
      'Connection',
      'Content-Length',
    );
    const value = fc.stringMatching(/^[!-~\u00a0-\u00ff]{0,8}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (fields) => {
        const theirs = fields.map(([field, text]) => `${field}: ${text}`);
        expect([...changed(theirs, () => {})].sort()).toEqual([...theirs].sort());
      }),
    );
  });

  it.each([
    { what: 'added', work: (headers: Headers) => headers.set('X-New', '1'), lost: [], won: ['x-new: 1'] },
    {
      what: 'changed',
      work: (headers: Headers) => headers.set('ETag', '"b"'),
      lost: ['ETag: "a"'],
      won: ['etag: "b"'],
    },
    { what: 'deleted', work: (headers: Headers) => headers.delete('ETag'), lost: ['ETag: "a"'], won: [] },
    {
      what: 'appended to',
      work: (headers: Headers) => headers.append('X-Two', '3'),
      lost: ['X-Two: 1', 'x-two:  2 '],
      won: ['x-two: 1, 2, 3'],
    },
    {
      what: 'joined by a cookie',
      work: (headers: Headers) => headers.append('Set-Cookie', 'c=3'),
      lost: ['Set-Cookie: a=1', 'Set-Cookie: b=2'],
      won: ['set-cookie: a=1', 'set-cookie: b=2', 'set-cookie: c=3'],
    },
    { what: 'left alone', work: (headers: Headers) => headers.set('Connection', 'close'), lost: [], won: [] },
  ])('are as it left them: $what', ({ work, lost, won }) => {
    const kept = THEIRS.filter((line) => !lost.includes(line));
    expect([...changed(THEIRS, work)].sort()).toEqual([...kept, ...won].sort());
  });

  it('cannot be made to end a line early', () => {
    const headers = new Headers();
    Object.defineProperty(headers, Symbol.iterator, { value: () => [['x', 'a\r\nb: c']][Symbol.iterator]() });
    expect(() => linesOfHeaders(headers)).toThrow('forbidden character');
    expect(() => withChangedFields('', headers)).toThrow('forbidden character');
  });
});
