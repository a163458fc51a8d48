import { clusterName, sessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../testing/index.ts';
import { BUCKETS, bucketOf, redisKeys } from './keys.ts';

describe('the keys in Redis', () => {
  it('have names that later releases must still find', () => {
    const keys = redisKeys(clusterName('shop'));
    expect(keys.buckets).toHaveLength(256);
    expect(keys.buckets[42]).toEqual({
      pins: 'hf:{shop:042}:pins',
      deadlines: 'hf:{shop:042}:deadlines',
      counts: 'hf:{shop:042}:counts',
    });
    expect(keys.drains).toBe('hf:{shop}:drains');
    expect(keys.members).toBe('hf:{shop}:members');
    expect(keys.changesChannel).toBe('hf:{shop}:changes');
    expect(keys.heartbeatChannel('token')).toBe('hf:{shop}:heartbeat:token');
  });

  it('put a session into the bucket where earlier releases put it', () => {
    expect(bucketOf(sessionKey('AAAAAAAAAAAAAAAAAAAAAA'))).toBe(149);
    expect(bucketOf(sessionKey('abcdefghijklmnopqrstuv'))).toBe(113);
  });

  it('spread sessions evenly over the buckets', () => {
    const sizes = new Array<number>(BUCKETS).fill(0);
    for (let index = 0; index < 100 * BUCKETS; index += 1) sizes[bucketOf(keyOf(index))]! += 1;
    expect(Math.min(...sizes)).toBeGreaterThan(50);
    expect(Math.max(...sizes)).toBeLessThan(160);
  });
});
