import { clusterName, isSessionKey, poolName } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { TokenKeys, type TokenScope } from './token-keys.ts';

const SCOPE: TokenScope = {
  cluster: clusterName('test'),
  pool: poolName('shop'),
  source: 'app-cookie:SID',
};
const keysOf = (secrets: readonly string[], scope: Partial<TokenScope> = {}) =>
  new TokenKeys(secrets, { ...SCOPE, ...scope }, 10);

describe('the key of a token', () => {
  it('is what every node derives that shares the secret, now and in later releases', () => {
    const { key } = keysOf(['a secret of this cluster']).identityOf('token') ?? {};
    expect(isSessionKey(key ?? '')).toBe(true);
    expect(key).toMatchInlineSnapshot(`"trhTUTrMbZEZX60UFKKUmA"`);
  });

  it('is another in another cluster, pool or source, or under another secret', () => {
    const secret = ['one secret'];
    const keys = [
      keysOf(secret),
      keysOf(secret, { cluster: clusterName('other') }),
      keysOf(secret, { pool: poolName('other') }),
      keysOf(secret, { source: 'header:SID' }),
      keysOf(['another secret']),
    ].map((of) => of.identityOf('token')?.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('cannot be brought about by a name that runs into the token', () => {
    const one = keysOf(['secret'], { source: 'header:a' }).identityOf('b","c');
    const other = keysOf(['secret'], { source: 'header:a","b' }).identityOf('c');
    expect(one?.key).not.toBe(other?.key);
  });

  it('comes with those under the other secrets, so that a rotation loses nobody', () => {
    const before = keysOf(['old']).identityOf('token');
    const after = keysOf(['new', 'old']).identityOf('token');
    expect(after?.key).not.toBe(before?.key);
    expect(after?.otherKeys).toEqual([before?.key]);
  });

  it.each([
    ['empty', ''],
    ['longer than 256 characters', 'x'.repeat(257)],
  ])('does not exist for one that is %s', (_what, token) => {
    expect(keysOf(['secret']).identityOf(token)).toBeUndefined();
  });

  it('exists for one of 256 characters', () => {
    expect(keysOf(['secret']).identityOf('x'.repeat(256))).toBeDefined();
  });

  it('is remembered, and derived again for a token that was forgotten meanwhile', () => {
    const keys = new TokenKeys(['secret'], SCOPE, 1);
    const first = keys.identityOf('one');
    expect(keys.identityOf('one')).toBe(first);
    keys.identityOf('two');
    expect(keys.identityOf('one')).not.toBe(first);
    expect(keys.identityOf('one')).toEqual(first);
  });
});
