import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.ts';

const alone = { kind: 'standalone', isTls: false, database: 0 };
const at = (host: string, port: number) => ({ host, port });

describe('the URL of a Redis', () => {
  it.each([
    ['redis://cache', { ...alone, address: at('cache', 6379) }],
    ['redis://cache:7000/', { ...alone, address: at('cache', 7000) }],
    ['redis://[fd00::1]:7000/15', { ...alone, address: at('fd00::1', 7000), database: 15 }],
    ['rediss://10.0.0.1', { ...alone, isTls: true, address: at('10.0.0.1', 6379) }],
    ['redis://:pw@cache', { ...alone, login: { password: 'pw' }, address: at('cache', 6379) }],
    ['redis://@cache', { ...alone, address: at('cache', 6379) }],
    [
      'redis://holdfast:p%40s%2Fs%3Aw%25@cache',
      { ...alone, login: { user: 'holdfast', password: 'p@s/s:w%' }, address: at('cache', 6379) },
    ],
    [
      'redis://u:p@ss:w@cache',
      { ...alone, login: { user: 'u', password: 'p@ss:w' }, address: at('cache', 6379) },
    ],
  ])('%s names one process', (url, place) => {
    expect(parseRedisUrl(url)).toEqual(place);
  });

  it('names Sentinels, the primary that they know, and a login for either', () => {
    expect(parseRedisUrl('redis+sentinel://a,b:7001,[::1]/shop')).toEqual({
      kind: 'sentinel',
      isTls: false,
      sentinels: [at('a', 26379), at('b', 7001), at('::1', 26379)],
      primary: 'shop',
      database: 0,
    });
    const url = 'rediss+sentinel://u:p@a/shop/3?sentinelUser=s&sentinelPassword=q%26+r';
    expect(parseRedisUrl(url)).toEqual({
      kind: 'sentinel',
      isTls: true,
      login: { user: 'u', password: 'p' },
      sentinels: [at('a', 26379)],
      sentinelLogin: { user: 's', password: 'q&+r' },
      primary: 'shop',
      database: 3,
    });
  });

  it('names nodes of a Redis Cluster', () => {
    expect(parseRedisUrl('redis+cluster://a:7001,b')).toEqual({
      kind: 'cluster',
      isTls: false,
      seeds: [at('a', 7001), at('b', 6379)],
    });
    expect(parseRedisUrl('rediss+cluster://:pw@a')).toMatchObject({ isTls: true, login: { password: 'pw' } });
  });

  it.each([
    '',
    'redis:',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:65536',
    'redis://a:b',
    'redis://a/x',
    'redis://a/01',
    'redis://a/1/2',
    'redis://a?family=6',
    'redis://a#x',
    'redis://u:%zz@a',
    'redis://fd00::1',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel://a,/shop',
    'redis+sentinel://a/shop/x',
    'redis+sentinel://a/shop/1/2',
    'redis+sentinel://a/shop?sentinelUser=s',
    'redis+sentinel://a/shop?sentinelPassword=p&other=1',
    'redis+cluster://a/1',
    'redis+cluster://',
    'redis+unknown://a',
    'REDIS://a',
    'http://a',
  ])('%j is none', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined();
  });
});
