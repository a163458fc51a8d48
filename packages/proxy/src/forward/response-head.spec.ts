import { describe, expect, it } from 'vitest';
import { exceptNamed, NO_RESPONSE_COOKIES, type ResponseCookies } from '../affinity/response-cookies.ts';
import { fieldsOf, namesOf, responseHeadOf, valuesOf } from '../testing/response-head.ts';
import { downstreamLines, privateCacheControl, uncachedCookie } from './response-head.ts';

const OURS = '_srv_id=sealed; Path=/; HttpOnly';
const plain: ResponseCookies = { ...NO_RESPONSE_COOKIES, ofEndpoint: exceptNamed(['_srv_id']) };
const setting: ResponseCookies = { ...plain, setCookies: [OURS], cacheControl: 'private' };

const passed = (fields: readonly string[], cookie = plain) =>
  fieldsOf(downstreamLines(responseHeadOf(fields).fields, cookie));

describe('the fields of a response', () => {
  it('pass on in their order, with their names and values as written', () => {
    const fields = ['CONTENT-type', 'text/html', 'X-Twice', '1', 'x-twice', '2', 'Latin', 'caf\xe9'];
    expect(passed(fields)).toEqual([...fields, 'Via', '1.1 holdfast']);
  });

  it.each([
    ['Connection', 'close'],
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Authenticate', 'Basic'],
    ['Proxy-Connection', 'close'],
    ['Trailer', 'X-Sum'],
    ['Transfer-Encoding', 'chunked'],
    ['Content-Length', '3'],
    ['Upgrade', 'other'],
  ])('do not pass on where they are for one hop, or say where the body ends: %s', (name, value) => {
    for (const written of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(namesOf(passed([written, value]))).toEqual(['via']);
    }
  });

  it('do not pass on where Connection nominates them, except what a response cannot do without', () => {
    const fields = ['Connection', 'X-Hop, Set-Cookie, Cache-Control', 'X-Hop', '1', 'Set-Cookie', 'a=1'];
    expect(passed([...fields, 'Cache-Control', 'no-store'])).toEqual([
      ...['Set-Cookie', 'a=1', 'Cache-Control', 'no-store', 'Via', '1.1 holdfast'],
    ]);
  });

  it('carry one Via, extended by this hop', () => {
    expect(valuesOf(passed(['Via', '1.0 one', 'via', '1.1 two']), 'via')).toEqual([
      '1.0 one, 1.1 two, 1.1 holdfast',
    ]);
  });
});

describe("a cookie of the proxy's name that an endpoint sets", () => {
  it.each(['_srv_id=theirs', '_srv_id=theirs; Path=/', '_srv_id =theirs', '_srv_id\t =theirs', '_srv_id='])(
    'is overruled: %j',
    (value) => {
      const fields = ['Set-Cookie', value, 'set-cookie', 'a=1'];
      expect(valuesOf(passed(fields), 'set-cookie')).toEqual(['a=1']);
      expect(valuesOf(passed(fields, setting), 'set-cookie')).toEqual(['a=1', OURS]);
    },
  );

  it.each(['_srv_id2=1', 'x_srv_id=1', '_SRV_ID=1', 'a=_srv_id=1', '_srv_id', '_srv_id; a=1'])(
    'is not meant by %j',
    (value) => {
      expect(valuesOf(passed(['Set-Cookie', value]), 'set-cookie')).toEqual([value]);
    },
  );

  it("is the application's own business where the pool keeps no sessions", () => {
    expect(valuesOf(passed(['Set-Cookie', '_srv_id=1'], NO_RESPONSE_COOKIES), 'set-cookie')).toEqual([
      '_srv_id=1',
    ]);
  });
});

describe('a response that sets the cookie', () => {
  it('says so once, and is private', () => {
    const fields = passed(['Content-Type', 'text/html'], setting);
    expect(valuesOf(fields, 'set-cookie')).toEqual([OURS]);
    expect(valuesOf(fields, 'cache-control')).toEqual(['private']);
  });

  it('has one Cache-Control field, of all that the endpoint said', () => {
    const fields = passed(['Cache-Control', 'public', 'cache-control', 'max-age=60'], setting);
    expect(valuesOf(fields, 'cache-control')).toEqual(['private, max-age=60']);
  });

  it('says nothing to caches where it is told so, and has both cookies of ours in their order', () => {
    const both: ResponseCookies = { ...plain, setCookies: [OURS, 'twin=sealed'], cacheControl: undefined };
    const fields = passed(['Cache-Control', 'public', 'Set-Cookie', 'a=1'], both);
    expect(valuesOf(fields, 'set-cookie')).toEqual(['a=1', OURS, 'twin=sealed']);
    expect(valuesOf(fields, 'cache-control')).toEqual(['public']);
  });

  it('may be kept by any cache without its cookie where it is told so', () => {
    const shared: ResponseCookies = { ...setting, cacheControl: 'no-cache' };
    const fields = passed(['Cache-Control', 'public', 'Cache-Control', 'max-age=60'], shared);
    expect(valuesOf(fields, 'cache-control')).toEqual(['public, max-age=60, no-cache="set-cookie"']);
  });

  it('is the only one whose Cache-Control is touched', () => {
    const fields = ['Cache-Control', 'public, max-age=60', 'Cache-Control', 'immutable'];
    expect(valuesOf(passed(fields), 'cache-control')).toEqual(['public, max-age=60', 'immutable']);
  });
});

describe('a cookie of an endpoint that goes on in another form', () => {
  it('stands in the order of the others', () => {
    const upper: ResponseCookies = { ...NO_RESPONSE_COOKIES, ofEndpoint: (value) => value.toUpperCase() };
    const fields = passed(['Set-Cookie', 'a=1', 'X-One', '1', 'set-cookie', 'B=2'], upper);
    expect(valuesOf(fields, 'set-cookie')).toEqual(['A=1', 'B=2']);
  });
});

describe('uncachedCookie', () => {
  it.each([
    [undefined, 'no-cache="set-cookie"'],
    ['public', 'public, no-cache="set-cookie"'],
    ['No-Store', 'No-Store'],
    ['max-age=1, private', 'max-age=1, private'],
    ['no-cache', 'no-cache'],
    ['no-cache="set-cookie"', 'no-cache="set-cookie"'],
    ['no-cache="x"', 'no-cache="x", no-cache="set-cookie"'],
  ])('of %j is %j', (value, strict) => {
    expect(uncachedCookie(value)).toBe(strict);
  });
});

describe('privateCacheControl', () => {
  it.each([
    [undefined, 'private'],
    ['', 'private'],
    ['private', 'private'],
    ['no-store', 'no-store'],
    ['No-Store, max-age=0', 'No-Store, max-age=0'],
    ['max-age=60, PRIVATE', 'max-age=60, PRIVATE'],
    ['no-cache', 'private, no-cache'],
    ['public', 'private'],
    ['Public, max-age=60', 'private, max-age=60'],
    ['s-maxage=600, max-age=60', 'private, max-age=60'],
    ['private="Set-Cookie", max-age=60', 'private, max-age=60'],
    [', ,max-age=60,', 'private, max-age=60'],
    ['publication=1', 'private, publication=1'],
  ])('of %j is %j', (value, strict) => {
    expect(privateCacheControl(value)).toBe(strict);
  });

  it('changes nothing in what it has made', () => {
    for (const value of [undefined, 'public, max-age=1', 'no-cache', 'private="x"']) {
      const once = privateCacheControl(value);
      expect(privateCacheControl(once)).toBe(once);
    }
  });
});
