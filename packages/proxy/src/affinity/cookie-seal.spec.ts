import { clusterName, endpointId, poolName } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CookieScope, CookieSeal, endpointTagOf, type Sealable } from './cookie-seal.ts';

const scope: CookieScope = { cluster: clusterName('shop'), pool: poolName('web'), cookieName: '_srv_id' };
const K1 = 'the first secret of all';
const K2 = 'the second secret of all';
const endpoint = endpointId(scope.pool, '10.0.0.1:8080');

const random = seededRandom(7);
const seal = new CookieSeal([K1], scope, random);
const content: Sealable = {
  sessionId: random.bytes(16),
  endpointTag: endpointTagOf(endpoint),
  version: 3,
  startedAtMs: 1_700_000_000_000,
  issuedAtMs: 1_700_000_600_000,
};

describe('a sealed cookie', () => {
  it('opens to what was sealed, times to the second', () => {
    const { key, isCurrentKey, ...rest } = seal.open(seal.seal(content)) ?? expect.fail('did not open');
    expect(rest).toEqual(content);
    expect(key).toBe(seal.keyOf(content.sessionId));
    expect(isCurrentKey).toBe(true);
  });

  it('is far below 200 bytes and holds only characters that a cookie value may have', () => {
    expect(seal.seal(content)).toMatch(/^[A-Za-z0-9_-]{87}$/);
  });

  it('is never written twice the same, so that two cookies tell nothing of each other', () => {
    const cookies = new Set(Array.from({ length: 100 }, () => seal.seal(content)));
    expect(cookies.size).toBe(100);
  });

  it('shows neither endpoint nor session id, in any of the usual encodings', () => {
    const cookie = seal.seal(content);
    const bytes = Buffer.from(cookie, 'base64url');
    expect(bytes.includes(content.sessionId)).toBe(false);
    expect(bytes.includes(Buffer.from(content.endpointTag, 'latin1'))).toBe(false);
    expect(bytes.toString('latin1')).not.toContain('10.0.0.1');
  });
});

describe('a cookie that this scope did not seal is absent', () => {
  const cookie = seal.seal(content);
  const foreign = (other: Partial<CookieScope>) =>
    new CookieSeal([K1], { ...scope, ...other }, random).seal(content);

  it.each([
    ['of another cluster', foreign({ cluster: clusterName('other') })],
    ['of another pool', foreign({ pool: poolName('api') })],
    ['of another cookie name', foreign({ cookieName: 'SRV' })],
    ['under another secret', new CookieSeal([K2], scope, random).seal(content)],
    ['cut short', cookie.slice(0, -1)],
    ['with something added', `${cookie}A`],
    ['empty', ''],
    ['of eight kilobytes', 'A'.repeat(8192)],
    ['with characters of another alphabet', `${cookie.slice(0, -1)}+`],
    ['not ASCII', `${cookie.slice(0, -1)}é`],
  ])('%s', (_, text) => {
    expect(seal.open(text)).toBeUndefined();
  });

  it('with any one bit changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65 * 8 - 1 }), (bit) => {
        const bytes = Buffer.from(cookie, 'base64url');
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(seal.open(bytes.toString('base64url'))).toBeUndefined();
      }),
    );
  });

  it('whatever text it is', () => {
    const shaped = fc.stringMatching(/^[A-Za-z0-9_-]{87}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200 }), shaped), (text) => {
        expect(seal.open(text)).toBeUndefined();
      }),
    );
  });
});

describe('rotation of secrets', () => {
  const old = new CookieSeal([K1], scope, random);
  const rotating = new CookieSeal([K2, K1], scope, random);
  const rotated = new CookieSeal([K2], scope, random);

  it('opens cookies under the old secret and says that they are due for a new one', () => {
    expect(rotating.open(old.seal(content))).toMatchObject({ version: 3, isCurrentKey: false });
  });

  it('seals under the new secret', () => {
    expect(rotated.open(rotating.seal(content))).toMatchObject({ version: 3, isCurrentKey: true });
  });

  it('ends with the removal of the old secret', () => {
    expect(rotated.open(old.seal(content))).toBeUndefined();
  });

  it('renames no session', () => {
    expect(rotated.keyOf(content.sessionId)).toBe(old.keyOf(content.sessionId));
  });
});

describe('the session key', () => {
  it('differs between clusters and pools for one session id', () => {
    const other = new CookieSeal([K1], { ...scope, pool: poolName('api') }, random);
    expect(other.keyOf(content.sessionId)).not.toBe(seal.keyOf(content.sessionId));
  });

  it('is 128 bits that do not contain the session id', () => {
    const key = seal.keyOf(content.sessionId);
    expect(key).toHaveLength(22);
    expect(Buffer.from(key, 'base64url').equals(content.sessionId)).toBe(false);
  });
});
