import { clusterName, parseRedisUrl, type RedisPlace, systemClock, systemRandom } from '@holdfast/shared';
import { settle } from '@holdfast/shared/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../store.ts';
import {
  endpointOf,
  eventually,
  IDLE_TIMEOUT_MS,
  keyOf,
  listenTo,
  openFaultyLink,
  pinWith,
  type RedisProcess,
  START_MS,
  startRedis,
} from '../testing/index.ts';
import { RedisClient } from './client.ts';
import { type BucketKeys, bucketOf, redisKeys } from './keys.ts';
import { encodePin } from './pin-codec.ts';
import { openRedisStore } from './redis-store.ts';

const CLUSTER = clusterName('faults');
const DEADLINE_MS = START_MS + IDLE_TIMEOUT_MS;
const key = keyOf(1);
const keys = redisKeys(CLUSTER);
const bucket = keys.buckets[bucketOf(key)] as BucketKeys;

// Connections come back with delays of up to a second, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 30_000 });

let redis: RedisProcess;
let admin: RedisClient;
let store: Store;
const stores: Store[] = [];

async function open(url: string, commandTimeoutMs = 1_000): Promise<Store> {
  const opened = await openRedisStore({
    url,
    cluster: CLUSTER,
    clock: systemClock,
    random: systemRandom(),
    commandTimeoutMs,
  });
  stores.push(opened);
  return opened;
}

/** Sends a command of the test's own. */
const command = (name: string, ...args: (string | number)[]): Promise<unknown> =>
  admin.connection.call(name, ...args);

/** The connections that send commands, without the test's own. */
async function clientIds(): Promise<Set<string>> {
  const [list, own] = [
    String(await command('CLIENT', 'LIST', 'TYPE', 'normal')),
    String(await command('CLIENT', 'ID')),
  ];
  const ids = [...list.matchAll(/^id=(\d+) /gm)].map(([, id]) => id!);
  return new Set(ids.filter((id) => id !== own));
}

const isAnswering = async (node: Store): Promise<boolean> =>
  node.sessions.find(key, START_MS).then(
    () => true,
    () => false,
  );

const unavailable = { code: 'STORE_UNAVAILABLE', source: 'store' };
const readOnly = { code: 'STORE_READ_ONLY', source: 'store' };

beforeAll(async () => {
  redis = await startRedis();
  admin = RedisClient.commands({
    place: parseRedisUrl(redis.url) as RedisPlace,
    commandTimeoutMs: 5_000,
    random: systemRandom(),
  });
});
beforeEach(async () => {
  await eventually('Redis answers the test', () =>
    command('FLUSHALL').then(
      () => true,
      () => false,
    ),
  );
  store = await open(redis.url);
});
afterEach(async () => {
  for (const opened of stores.splice(0)) await opened.close();
});
afterAll(async () => {
  admin.close();
  await redis.stop();
});

describe('when Redis is away', () => {
  it('opens while it is down, says so, and finds it by itself once it is up', async () => {
    await redis.kill();
    const early = await open(redis.url);
    await expect(early.sessions.find(key, START_MS)).rejects.toMatchObject(unavailable);
    await expect(early.sessions.find(key, START_MS)).rejects.toThrow('ECONNREFUSED');
    const failed = early.sessions.find(key, START_MS).catch(() => 'failed at once');
    expect(await Promise.race([failed, settle().then(() => 'waits for a connection')])).toBe(
      'failed at once',
    );
    expect(early.invalidations.isLive()).toBe(false);
    await redis.restart();
    await eventually('the store answers', () => isAnswering(early));
    await eventually('the news is live', () => early.invalidations.isLive());
  });

  it('goes on after a restart, which loses every session and every script', async () => {
    await store.sessions.pin(key, pinWith(), START_MS);
    await redis.restart();
    await eventually('the store answers', () => isAnswering(store));
    expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
  });

  it('gives up on a frozen one at the deadline, and goes on when it thaws', async () => {
    const hasty = await open(redis.url, 50);
    await store.sessions.pin(key, pinWith(), START_MS);
    redis.pause();
    try {
      await expect(hasty.sessions.find(key, START_MS)).rejects.toMatchObject(unavailable);
      await expect(hasty.sessions.find(key, START_MS)).rejects.toThrow('timed out');
      await eventually('the silence of the news is noticed', () => !hasty.invalidations.isLive());
    } finally {
      redis.resume();
    }
    await eventually('the store answers', () => isAnswering(hasty));
    expect(await hasty.sessions.find(key, START_MS)).toEqual(pinWith());
  });

  it('fails what is under way with STORE_CLOSED when it is closed', async () => {
    redis.pause();
    try {
      const waiting = store.sessions.find(key, START_MS);
      const rejected = expect(waiting).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      await store.close();
      await rejected;
    } finally {
      redis.resume();
    }
  });

  it('leaves a primary that has become a replica, because its name may lead elsewhere now', async () => {
    await store.sessions.pin(key, pinWith(), START_MS);
    const before = await clientIds();
    await command('REPLICAOF', '127.0.0.1', '1');
    await expect(store.sessions.unpin(key, undefined, START_MS)).rejects.toMatchObject(readOnly);
    await eventually('the connection is another', async () => (await clientIds()).isDisjointFrom(before));
    await command('REPLICAOF', 'NO', 'ONE');
    await eventually('the store answers', () => isAnswering(store));
    expect(await store.sessions.unpin(key, undefined, START_MS)).toBe(true);
  });

  it('can be read while its memory is full', async () => {
    await store.sessions.pin(keyOf(2), pinWith(), START_MS);
    await command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(store.sessions.pin(key, pinWith(), START_MS)).rejects.toMatchObject(readOnly);
    expect(await store.sessions.find(keyOf(2), START_MS)).toEqual(pinWith());
    await command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
  });

  it('says so when its login is refused', async () => {
    const stranger = await open(redis.url.replace('redis://', 'redis://nobody:wrong@'));
    await expect(stranger.sessions.find(key, START_MS)).rejects.toMatchObject(unavailable);
    await expect(stranger.sessions.find(key, START_MS)).rejects.toThrow('WRONGPASS');
  });

  it('logs in and chooses the database that the URL names', async () => {
    await command('ACL', 'SETUSER', 'proxy', 'on', '>s3cret', '~hf:*', '&hf:*', '+@all');
    const member = await open(`${redis.url.replace('redis://', 'redis://proxy:s3cret@')}/2`);
    await member.sessions.pin(key, pinWith(), START_MS);
    expect(await member.sessions.find(key, START_MS)).toEqual(pinWith());
    expect(await store.sessions.find(key, START_MS)).toBeUndefined();
  });
});

describe('when Redis forgets', () => {
  it('sends its scripts again after SCRIPT FLUSH', async () => {
    await store.sessions.pin(key, pinWith(), START_MS);
    await command('SCRIPT', 'FLUSH');
    expect(await store.sessions.find(key, START_MS)).toEqual(pinWith());
  });

  it('finds nothing after FLUSHALL, and pins anew', async () => {
    await store.sessions.pin(key, pinWith(), START_MS);
    await command('FLUSHALL');
    expect(await store.sessions.find(key, START_MS)).toBeUndefined();
    expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
  });

  it.each(['pins', 'deadlines', 'counts'] as const)(
    'still counts right when the %s of a bucket were evicted',
    async (part) => {
      await store.sessions.pin(key, pinWith(), START_MS);
      await command('DEL', bucket[part]);
      const isFound = (await store.sessions.find(key, START_MS)) !== undefined;
      const counts = await store.inventory.countByEndpoint(START_MS);
      expect(isFound).toBe(part === 'counts');
      expect(counts.get(endpointOf(1)) ?? 0).toBe(isFound ? 1 : 0);
      await store.sessions.pin(key, pinWith(), START_MS);
      expect(await store.inventory.countByEndpoint(START_MS)).toEqual(new Map([[endpointOf(1), 1]]));
    },
  );
});

describe('the counts', () => {
  it('are kept with every write, so that counting need not look at the sessions', async () => {
    const counts = () => command('HGETALL', bucket.counts);
    await store.sessions.pin(key, pinWith(), START_MS);
    expect(await counts()).toEqual([endpointOf(1), '1']);
    await store.sessions.repin(key, 1, pinWith({ endpoint: endpointOf(2), version: 2 }), START_MS);
    expect(await counts()).toEqual([endpointOf(2), '1']);
    await store.sessions.repin(key, 2, pinWith({ endpoint: endpointOf(2), version: 3 }), START_MS);
    expect(await counts()).toEqual([endpointOf(2), '1']);
    await store.sessions.pin(key, pinWith({ expiresAtMs: DEADLINE_MS + 1 }), DEADLINE_MS);
    expect(await counts()).toEqual([endpointOf(1), '1']);
    await store.sessions.unpin(key, undefined, DEADLINE_MS);
    expect(await counts()).toEqual([]);
  });
});

describe('when somebody else writes into a bucket', () => {
  it.each([
    '',
    'garbage',
    '0 0 0 x',
    '-1 a a shop/shop-1',
    '1.5 a a shop/shop-1',
    '1 a a ',
    '1 A A shop/shop-1',
    '9999999999999999 a a shop/shop-1',
    '100000000000000 mgxw3v28 mgzxiuw8 shop/shop-1',
    '1 mgxw3v28 zzzzzzzzzzz shop/shop-1',
    '1 mgxw3v28 mgzxiuw8 ^shop/shop-1',
    '1 mgxw3v28 mgzxiuw8 ^short-root shop/shop-1',
    `1 mgxw3v28 mgzxiuw8 ^${'k'.repeat(23)} shop/shop-1`,
    `1 mgxw3v28 mgzxiuw8 ^${'.'.repeat(22)} shop/shop-1`,
    `1 mgxw3v28 mgzxiuw8 ^${'k'.repeat(22)} ^shop/shop-1`,
    '1 mgxw3v28 mgzxiuw8 >shop/shop-1',
    '1 mgxw3v28 mgzxiuw8 >rebalanced,shop/shop-2 >shop/shop-1',
    '1 mgxw3v28 mgzxiuw8 >rebalanced,shop/shop-2\r\nX: 1 shop/shop-1',
    `1 mgxw3v28 mgzxiuw8 >${'a'.repeat(257)} shop/shop-1`,
    ' 1 mgxw3v28 mgzxiuw8 shop/shop-1',
    '{"endpoint":"shop/shop-1","version":1}',
    '\u0000\uffff',
  ])('takes the value %j for no session, and writes over it', async (value) => {
    await command('HSET', bucket.pins, key, value);
    await command('ZADD', bucket.deadlines, DEADLINE_MS, key);
    const touch = { key, endpoint: endpointOf(1), version: 1, expiresAtMs: DEADLINE_MS };
    expect(await store.sessions.find(key, START_MS)).toBeUndefined();
    expect(store.unreadable).toBe(1);
    expect(await store.sessions.touch([touch], START_MS)).toEqual([{ kind: 'absent' }]);
    expect(await store.sessions.unpin(key, undefined, START_MS)).toBe(false);
    expect(await store.inventory.list({ limit: 10 }, START_MS)).toEqual({ sessions: [] });
    expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
    expect(await store.inventory.countByEndpoint(START_MS)).toEqual(new Map([[endpointOf(1), 1]]));
  });

  it('can move a session from the highest version that can be read, which then begins anew', async () => {
    const version = 99_999_999_999_999;
    const damaged = encodePin(pinWith({ version }));
    await command('HSET', bucket.pins, key, damaged);
    await command('ZADD', bucket.deadlines, DEADLINE_MS, key);
    const next = pinWith({ version: version + 1, endpoint: endpointOf(2) });
    expect(await store.sessions.repin(key, version, next, START_MS)).toMatchObject({ kind: 'repinned' });
    expect(await store.sessions.find(key, START_MS)).toBeUndefined();
    expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
  });

  it.each(['pins', 'deadlines', 'counts'] as const)(
    'drops the bucket whose %s are of another type',
    async (part) => {
      await command('SET', bucket[part], 'foreign');
      expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
      expect(await store.sessions.find(key, START_MS)).toEqual(pinWith());
      expect(await store.inventory.countByEndpoint(START_MS)).toEqual(new Map([[endpointOf(1), 1]]));
    },
  );

  it('drops the bucket whose count is no number', async () => {
    await command('HSET', bucket.counts, endpointOf(1), 'many');
    expect(await store.sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
    expect(await store.inventory.countByEndpoint(START_MS)).toEqual(new Map([[endpointOf(1), 1]]));
  });

  it('lists no field that is not a session key, and nothing is left out for it', async () => {
    const value = encodePin(pinWith());
    for (const field of ['', '!', 'zz', '~'.repeat(22)]) {
      await command('HSET', bucket.pins, field, value);
      await command('ZADD', bucket.deadlines, DEADLINE_MS, field);
    }
    await store.sessions.pin(key, pinWith(), START_MS);
    const page = await store.inventory.list({ limit: 1 }, START_MS);
    expect(page.sessions.map((entry) => entry.key)).toEqual([key]);
  });
});

describe('what stays in Redis', () => {
  const ttls = async (): Promise<number[]> => {
    const names = (await command('KEYS', '*')) as string[];
    return Promise.all(names.map(async (name) => (await command('PTTL', name)) as number));
  };

  it('always ends: every key outlives its last pin, but not by much', async () => {
    const { sessions } = store;
    const longest = { key, endpoint: endpointOf(1), version: 1, expiresAtMs: DEADLINE_MS + IDLE_TIMEOUT_MS };
    const operations = [
      () => sessions.pin(key, pinWith(), START_MS),
      () => sessions.touch([longest], START_MS),
      () => sessions.repin(key, 1, pinWith({ version: 2, endpoint: endpointOf(2) }), START_MS),
      () => sessions.pin(key, pinWith(), DEADLINE_MS),
      () => store.inventory.countByEndpoint(DEADLINE_MS),
      () => sessions.repin(keyOf(2), 1, pinWith({ version: 2 }), START_MS),
      () => sessions.unpin(keyOf(2), undefined, START_MS),
    ];
    for (const operation of operations) {
      await operation();
      for (const ttl of await ttls()) {
        expect(ttl).toBeGreaterThan(IDLE_TIMEOUT_MS / 2);
        expect(ttl).toBeLessThanOrEqual((2 * IDLE_TIMEOUT_MS + 60_000) * 1.25);
      }
    }
  });

  it('never shortens the life of a bucket for a short session', async () => {
    await store.sessions.pin(key, pinWith({ expiresAtMs: DEADLINE_MS + 500_000 }), START_MS);
    const before = Math.min(...(await ttls()));
    await store.sessions.repin(key, 1, pinWith({ version: 2, expiresAtMs: START_MS + 1 }), START_MS);
    expect(Math.min(...(await ttls()))).toBeGreaterThan(before - 5_000);
  });

  it('is cleared away by later operations once it has expired', async () => {
    const inBucket = Array.from({ length: 20_000 }, (_, index) => keyOf(index)).filter(
      (other) => bucketOf(other) === bucketOf(key),
    );
    await Promise.all(inBucket.map((other) => store.sessions.pin(other, pinWith(), START_MS)));
    expect(await command('HLEN', bucket.pins)).toBe(inBucket.length);
    for (let round = 0; round < inBucket.length / 16; round += 1)
      await store.sessions.unpin(key, undefined, DEADLINE_MS);
    expect(await command('EXISTS', bucket.pins, bucket.deadlines, bucket.counts)).toBe(0);
  });

  it('never carries a raw session id, because keys are all it knows', async () => {
    await store.sessions.pin(key, pinWith(), START_MS);
    expect(await command('HGETALL', bucket.pins)).toEqual([
      key,
      expect.stringMatching(/^1 \S+ \S+ shop\/shop-1$/),
    ]);
  });
});

describe('when the link of the news breaks', () => {
  it('tells that changes were missed, and goes on, after its connection was killed', async () => {
    const news = await listenTo(store.invalidations);
    const missedBefore = news.missed;
    await command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually('the gap is told', () => news.missed > missedBefore);
    await eventually('the news is live', () => store.invalidations.isLive());
    await store.sessions.repin(key, 1, pinWith({ version: 2 }), START_MS);
    await eventually('news arrives', () => news.changes.includes(`${key} 2`));
  });

  it('tells that changes were missed after Redis was frozen', async () => {
    const news = await listenTo(store.invalidations);
    const missedBefore = news.missed;
    redis.pause();
    try {
      await eventually('the silence is noticed', () => !store.invalidations.isLive());
    } finally {
      redis.resume();
    }
    await eventually('the news is live', () => store.invalidations.isLive(), 10_000);
    expect(news.missed).toBeGreaterThan(missedBefore);
  });

  it('gets over a link that is broken without a sign', async () => {
    const link = await openFaultyLink(redis.port);
    const distant = await open(`redis://127.0.0.1:${link.port}`);
    try {
      const news = await listenTo(distant.invalidations);
      const missedBefore = news.missed;
      link.stall();
      await eventually('the silence is noticed', () => !distant.invalidations.isLive());
      await eventually('the news is live', () => distant.invalidations.isLive(), 10_000);
      expect(news.missed).toBeGreaterThan(missedBefore);
      await store.sessions.repin(key, 1, pinWith({ version: 2 }), START_MS);
      await eventually('news arrives', () => news.changes.includes(`${key} 2`));
    } finally {
      await distant.close();
      await link.close();
    }
  });

  it('ignores messages that are not news', async () => {
    const news = await listenTo(store.invalidations);
    for (const message of ['', 'x', `${key} `, `${key} x`, `${key} 1 2`]) {
      await command('PUBLISH', keys.changesChannel, message);
    }
    await store.sessions.repin(key, 1, pinWith({ version: 2 }), START_MS);
    await eventually('news arrives', () => news.changes.length > 0);
    expect(news.changes).toEqual([`${key} 2`]);
  });
});
