import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withAddedFields } from './added-fields.ts';

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
