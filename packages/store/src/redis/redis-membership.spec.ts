import { clusterName, systemClock, systemRandom } from '@holdfast/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeMember } from '../member-codec.ts';
import type { Store } from '../store.ts';
import { memberOf, type RedisProcess, redisCommand, START_MS, startRedis } from '../testing/index.ts';
import { redisKeys } from './keys.ts';
import { openRedisStore } from './redis-store.ts';

const CLUSTER = clusterName('members');
const KEY = redisKeys(CLUSTER).members;
const VALID_MS = 30_000;

let redis: RedisProcess;
let store: Store;

const command = (name: string, ...args: (string | number)[]): Promise<unknown> =>
  redisCommand(redis, name, ...args);
const beat = (node: string): Promise<void> =>
  store.membership.beat(memberOf(node), START_MS + VALID_MS, START_MS);
const listed = async (): Promise<readonly string[]> =>
  (await store.membership.list(START_MS)).map(({ node }) => node);

beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  const options = { clock: systemClock, random: systemRandom(), commandTimeoutMs: 5_000 };
  store = await openRedisStore({ url: redis.url, cluster: CLUSTER, ...options });
  await command('DEL', KEY);
});
afterEach(() => store.close());
afterAll(() => redis.stop());

describe('the members of a cluster in Redis', () => {
  it('leave nothing behind once nobody beats any more', async () => {
    await beat('node-1');
    const lastsMs = Number(await command('PTTL', KEY));
    expect(lastsMs).toBeGreaterThan(VALID_MS / 2);
    expect(lastsMs).toBeLessThanOrEqual(VALID_MS);
  });

  it.each([
    ['garbage', 'garbage'],
    ['a time and garbage', `${START_MS + VALID_MS} garbage`],
    ['the record of another node', `${START_MS + VALID_MS} ${encodeMember(memberOf('node-3'))}`],
  ])('are counted as unreadable, and passed over, where somebody else has written %s', async (_, value) => {
    await beat('node-1');
    await command('HSET', KEY, 'node-2', value);
    expect(await listed()).toEqual(['node-1']);
    expect(store.unreadable).toBe(1);
    await beat('node-2');
    expect(await listed()).toEqual(['node-1', 'node-2']);
    expect(store.unreadable).toBe(1);
  });

  it.each([
    ['has no time', 'garbage'],
    ['claims to be good for ever', `999999999999999 ${encodeMember(memberOf('node-2'))}`],
    ['is over', `${START_MS} ${encodeMember(memberOf('node-2'))}`],
  ])('are rid of a record that %s by the next beat of anybody', async (_, value) => {
    await command('HSET', KEY, 'node-2', value);
    await beat('node-1');
    expect(await command('HKEYS', KEY)).toEqual(['node-1']);
  });

  it.each([
    ['is no list of members', ['SET', KEY, 'x']],
    ['is a set', ['SADD', KEY, 'x']],
  ] as const)('are none, and the next beat is recorded, where their key %s', async (_, [name, ...args]) => {
    await command(name, ...args);
    expect(await listed()).toEqual([]);
    await beat('node-1');
    expect(await listed()).toEqual(['node-1']);
  });
});
