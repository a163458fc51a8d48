import { configSchema } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { SetCookie } from './set-cookie.ts';

const NOW_MS = Date.UTC(2024, 0, 5, 19, 5, 23);
const MINUTE_MS = 60_000;

/** A cookie of a session with an idle timeout of twenty minutes, as a configuration file describes it. */
function cookieOf(cookie: object): SetCookie {
  const { pools } = configSchema.parse({
    listeners: [{ name: 'web', listen: ':0', pool: 'shop' }],
    pools: [{ name: 'shop', endpoints: [{ url: 'http://10.0.0.1' }], affinity: { type: 'cookie', cookie } }],
  });
  const source = pools[0]?.affinity.sources[0];
  if (source?.type !== 'cookie') throw new TypeError('the pool has a sealed cookie');
  return new SetCookie(source.name, source.cookie, 20 * MINUTE_MS);
}

const attributesOf = (cookie: object, { isSecure = false, leftMs = 24 * 60 * MINUTE_MS } = {}): string =>
  cookieOf(cookie)
    .format('v', isSecure, NOW_MS, NOW_MS + leftMs)
    .replace('_srv_id=v', '');

describe('the cookie', () => {
  it('ends with the browser and has safe attributes, if nothing else is said', () => {
    expect(attributesOf({})).toBe('; Path=/; HttpOnly; SameSite=Lax');
    expect(attributesOf({}, { isSecure: true })).toBe('; Path=/; HttpOnly; SameSite=Lax; Secure');
  });

  it('is Secure as it is told, whatever the request', () => {
    expect(attributesOf({ secure: 'always' })).toMatch(/; Secure$/);
    expect(attributesOf({ secure: 'never' }, { isSecure: true })).not.toContain('Secure');
  });

  it('has the attributes that are listed, in that order and spelling, as far as there is something to say', () => {
    const attributes = ['expires', 'max-age', 'DOMAIN', 'httponly', 'secure', 'samesite', 'path'];
    expect(attributesOf({ attributes })).toBe('; httponly; samesite=Lax; path=/');
    expect(
      attributesOf({ attributes, lifetime: 'permanent', domain: 'example.com' }, { isSecure: true }),
    ).toBe(
      '; expires=Fri, 05 Jan 2024 19:25:23 GMT; max-age=1200; DOMAIN=example.com; httponly; secure; samesite=Lax; path=/',
    );
  });

  it('has no attribute that is not listed', () => {
    const cookie = { attributes: [], lifetime: 'permanent', secure: 'always', domain: 'example.com' };
    expect(attributesOf(cookie)).toBe('');
  });

  it('lasts as long as its session may: the idle timeout, and no longer than until the absolute end', () => {
    const cookie = { lifetime: 'permanent', attributes: ['Max-Age'] };
    expect(attributesOf(cookie)).toBe('; Max-Age=1200');
    expect(attributesOf(cookie, { leftMs: 90_000 })).toBe('; Max-Age=90');
    // A whole second more rather than less: Max-Age=0 would take the cookie away from a session that still lives.
    expect(attributesOf(cookie, { leftMs: 1 })).toBe('; Max-Age=1');
  });

  it('lasts as long as maxAge says, whatever becomes of its session', () => {
    const cookie = { lifetime: 'permanent', maxAge: '1h', attributes: ['Max-Age', 'Expires'] };
    expect(attributesOf(cookie, { leftMs: 1 })).toBe('; Max-Age=3600; Expires=Fri, 05 Jan 2024 20:05:23 GMT');
  });
});
