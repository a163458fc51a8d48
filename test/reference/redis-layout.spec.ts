import { clusterName, endpointId, nodeId, poolName, systemClock, systemRandom } from '@holdfast/shared';
import type { Store } from '@holdfast/store';
import { openRedisStore } from '@holdfast/store/redis';
import {
  eventually,
  IDLE_TIMEOUT_MS,
  keyOf,
  pinWith,
  type RedisProcess,
  redisCommand,
  START_MS,
  startRedis,
} from '@holdfast/store/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDIS_ENTRIES } from './redis-tables.ts';

const CLUSTER = 'layout';
const shop1 = endpointId(poolName('shop'), 'shop-1');

/** The name of an entry as a pattern, with what stands for numbers and tokens in it. */
const patternOf = (name: string): RegExp =>
  new RegExp(
    `^${name
      .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replace('CLUSTER', CLUSTER)
      .replace('NNN', String.raw`\d{3}`)
      .replace('TOKEN', String.raw`[\w-]{16}`)}$`,
  );

/** The entry of the page that a name in Redis belongs to. */
const entryOf = (name: string): string | undefined =>
  REDIS_ENTRIES.find((entry) => patternOf(entry.name).test(name))?.name;

/** Has everything written that a node writes. */
async function useEverything({ sessions, drains, membership }: Store): Promise<void> {
  await sessions.pin(keyOf(1), pinWith(), START_MS);
  await sessions.pin(keyOf(2), pinWith(), START_MS);
  await sessions.repin(keyOf(1), 1, pinWith({ version: 2 }), START_MS);
  await sessions.unpin(keyOf(2), undefined, START_MS);
  await drains.change(shop1, undefined, { endpoint: shop1, sinceMs: START_MS });
  const said = {
    release: '1',
    phase: 'serving',
    fingerprint: 'f',
    opinions: [],
    startedAtMs: START_MS,
    beat: 1,
  } as const;
  await membership.beat({ node: nodeId('node-1'), ...said }, START_MS + 20_000, START_MS);
}

describe('docs/reference/redis.md', () => {
  let redis: RedisProcess;
  let listener: Redis;
  let store: Store;
  const channels = new Set<string>();

  beforeAll(async () => {
    redis = await startRedis();
    listener = new Redis(redis.url);
    listener.on('pmessage', (_pattern, channel: string) => channels.add(channel));
    await listener.psubscribe('*');
    store = await openRedisStore({
      url: redis.url,
      cluster: clusterName(CLUSTER),
      clock: systemClock,
      random: systemRandom(),
      commandTimeoutMs: 5_000,
    });
    await useEverything(store);
  });
  afterAll(async () => {
    listener.disconnect();
    await store.close();
    await redis.stop();
  });

  const keys = async () => (await redisCommand(redis, 'KEYS', '*')) as readonly string[];

  it('lists every key that a node writes, of the type that it has, and no other', async () => {
    const found = await Promise.all(
      (await keys()).map(async (key) => [entryOf(key), await redisCommand(redis, 'TYPE', key)]),
    );
    const listed = REDIS_ENTRIES.filter(({ type }) => type !== 'channel').map(({ name, type }) => [
      name,
      type,
    ]);
    expect(found.sort()).toEqual(listed.sort());
  });

  it('lists every channel that a node publishes on, and no other', async () => {
    const listed = REDIS_ENTRIES.filter(({ type }) => type === 'channel').map(({ name }) => name);
    await eventually(
      'both kinds were heard',
      () => new Set([...channels].map(entryOf)).size === listed.length,
    );
    expect([...new Set([...channels].map(entryOf))].sort()).toEqual(listed.sort());
  });

  it('says which keys end, and when those of sessions do at the earliest', async () => {
    for (const key of await keys()) {
      const { ends } = REDIS_ENTRIES.find(({ name }) => name === entryOf(key)) ?? { ends: 'unknown' };
      const ttlMs = Number(await redisCommand(redis, 'PTTL', key));
      if (ends === '') expect(ttlMs).toBe(-1);
      else if (ends.startsWith('a minute after')) expect(ttlMs).toBeGreaterThan(IDLE_TIMEOUT_MS);
      else expect(ttlMs).toBeGreaterThan(0);
    }
  });
});
