import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { responseHeadOf } from '../testing/response-head.ts';
import { setCookieNews } from './set-cookie-news.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const newsOf = (...lines: string[]) =>
  setCookieNews(responseHeadOf(lines.flatMap((line) => ['Set-Cookie', line])).fields, 'SID', NOW_MS);
const issued = (token: string, expiresAtMs?: number) => ({
  kind: 'issued',
  token,
  expiresAtMs,
  attributes: expect.any(String),
});
const deleted = { kind: 'deleted', attributes: expect.any(String) };

describe('the Set-Cookie lines of a response', () => {
  it.each([
    ['SID=abc', issued('abc')],
    ['SID=abc; Path=/; HttpOnly; Secure; SameSite=Lax', issued('abc')],
    ['SID = abc ;Path=/', issued('abc')],
    ['SID="abc"', issued('"abc"')],
    ['SID=a=b', issued('a=b')],
    ['SID=abc; Max-Age=60', issued('abc', NOW_MS + 60_000)],
    ['SID=abc; max-age = 60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', issued('abc', NOW_MS + 60_000)],
    ['SID=abc; Expires=Sun, 01 Mar 2026 13:00:00 GMT', issued('abc', NOW_MS + 3_600_000)],
    ['SID=abc; Expires=whenever; Max-Age=soon', issued('abc')],
  ])('issue a cookie: %s', (line, news) => {
    expect(newsOf(line)).toEqual(news);
  });

  it.each([
    'SID=',
    'SID=; Path=/',
    'SID=abc; Max-Age=0',
    'SID=abc; Max-Age=-1',
    'SID=deleted; Expires=Thu, 01 Jan 1970 00:00:01 GMT',
  ])('delete a cookie: %s', (line) => {
    expect(newsOf(line)).toEqual(deleted);
  });

  it.each(['sid=abc', 'SIDE=abc', 'XSID=abc', 'SID', 'a=SID=abc', ''])('are about another: %j', (line) => {
    expect(newsOf(line)).toBeUndefined();
  });

  it('have the cookie where they delete it for one path and set it for another, in any order', () => {
    expect(newsOf('SID=; Path=/old; Max-Age=0', 'SID=abc; Path=/')).toEqual(issued('abc'));
    expect(newsOf('SID=abc; Path=/', 'SID=; Path=/old; Max-Age=0')).toEqual(issued('abc'));
  });

  it.each([
    ['SID=abc', ''],
    ['SID=abc ;Path=/; HttpOnly', ';Path=/; HttpOnly'],
    ['SID=; Max-Age=0', '; Max-Age=0'],
    ['SID=abc;', ';'],
  ])('have attributes as they are written: %s', (line, attributes) => {
    expect(newsOf(line)?.attributes).toBe(attributes);
  });

  it('have the last of several values', () => {
    expect(newsOf('SID=one', 'other=1', 'SID=two')).toEqual(issued('two'));
  });

  it('are read without an exception, whatever an application writes', () => {
    const line = fc.stringMatching(/^[ -~]{0,60}$/).map((text) => text.trim());
    fc.assert(fc.property(line, (text) => void newsOf(`SID=${text}`)));
  });
});
