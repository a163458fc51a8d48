import { clusterName, type SessionKey, systemClock, systemRandom } from '@holdfast/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionPage, SessionQuery } from '../session-inventory.ts';
import type { Store } from '../store.ts';
import {
  endpointOf,
  IDLE_TIMEOUT_MS,
  keyOf,
  listAll,
  pinWith,
  type RedisProcess,
  redisCommand,
  START_MS,
  startRedis,
} from '../testing/index.ts';
import { type BucketKeys, bucketOf, redisKeys } from './keys.ts';
import { encodePin } from './pin-codec.ts';
import { openRedisStore } from './redis-store.ts';

const CLUSTER = clusterName('inventory');
const BUCKET = 9;
const bucket = redisKeys(CLUSTER).buckets[BUCKET] as BucketKeys;
/** Session keys of one bucket, as a map of a hundred thousand sessions has as many there. */
const keysOfBucket = Array.from({ length: 150_000 }, (_, index) => keyOf(index)).filter(
  (key) => bucketOf(key) === BUCKET,
);

/** A hash of more entries becomes a table, which Redis reads in steps. */
const LIST_MAX = 128;

// Buckets are large here, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 30_000 });

let redis: RedisProcess;
let store: Store;

beforeAll(async () => {
  redis = await startRedis({ args: ['--hash-max-ziplist-entries', String(LIST_MAX)] });
});
beforeEach(async () => {
  await redisCommand(redis, 'FLUSHALL');
  const { url } = redis;
  const clocks = { clock: systemClock, random: systemRandom() };
  store = await openRedisStore({ url, cluster: CLUSTER, ...clocks, commandTimeoutMs: 5_000 });
});
afterEach(() => store.close());
afterAll(() => redis.stop());

const pinAll = (keys: readonly SessionKey[]): Promise<unknown> =>
  Promise.all(keys.map((key) => store.sessions.pin(key, pinWith(), START_MS)));

const unpinAll = (keys: readonly SessionKey[]): Promise<unknown> =>
  Promise.all(keys.map((key) => store.sessions.unpin(key, undefined, START_MS)));

/** Reads a listing to its end, and does something after its first page. */
async function listInterrupted(limit: number, interrupt: () => Promise<unknown>): Promise<readonly string[]> {
  const pages: SessionPage[] = [];
  let query: SessionQuery | undefined = { limit };
  while (query !== undefined) {
    const page = await store.inventory.list(query, START_MS);
    pages.push(page);
    if (pages.length === 1) await interrupt();
    query = page.next === undefined ? undefined : { limit, cursor: page.next };
  }
  return pages.flatMap(({ sessions }) => sessions.map(({ key }) => key));
}

/** How often Redis has run a command since its figures were reset. */
async function callsOf(command: string): Promise<number> {
  const statistics = String(await redisCommand(redis, 'INFO', 'commandstats'));
  return Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(statistics)?.[1] ?? 0);
}

describe('a listing of a large bucket', () => {
  it.each([1, 3, 10, 100, 1_000])('shows every session exactly once in pages of about %i', async (limit) => {
    const keys = keysOfBucket.slice(0, limit === 1 ? 150 : 550);
    await pinAll(keys);
    let query: SessionQuery | undefined = { limit };
    const listed: string[] = [];
    while (query !== undefined) {
      const { sessions, next }: SessionPage = await store.inventory.list(query, START_MS);
      expect(sessions.length).toBeLessThanOrEqual(limit < 10 ? limit + 10 : limit);
      listed.push(...sessions.map(({ key }) => key));
      query = next === undefined ? undefined : { limit, cursor: next };
    }
    expect(listed.toSorted()).toEqual(keys.toSorted());
  });

  it('fills its pages to the last places', async () => {
    await pinAll(keysOfBucket);
    const { sessions } = await store.inventory.list({ limit: 200 }, START_MS);
    expect(sessions.length).toBeGreaterThanOrEqual(195);
  });

  it.each([
    { from: LIST_MAX - 28, to: 550, why: 'from a list to a table' },
    { from: LIST_MAX + 72, to: 550, why: 'to a table of twice the size and more' },
  ])('shows a steady session exactly once while the bucket grows $why', async ({ from, to }) => {
    await pinAll(keysOfBucket.slice(0, from));
    const listed = await listInterrupted(50, () => pinAll(keysOfBucket.slice(from, to)));
    const steady = listed.filter((key) => keysOfBucket.slice(0, from).includes(key as SessionKey));
    expect(steady.toSorted()).toEqual(keysOfBucket.slice(0, from).toSorted());
  });

  it('leaves no steady session out while the bucket shrinks to a table of another size', async () => {
    await pinAll(keysOfBucket);
    const steady = keysOfBucket.slice(0, 20);
    const listed = await listInterrupted(50, () => unpinAll(keysOfBucket.slice(20)));
    expect(listed).toEqual(expect.arrayContaining([...steady]));
  });

  it('has Redis look at what it lists and little more, however large the bucket is', async () => {
    await pinAll(keysOfBucket);
    await redisCommand(redis, 'CONFIG', 'RESETSTAT');
    const { sessions } = await store.inventory.list({ limit: 20 }, START_MS);
    expect(sessions.length).toBeGreaterThan(15);
    expect(await callsOf('zscore')).toBeLessThan(40);
    expect(await callsOf('hkeys')).toBe(0);
  });
});

describe('a listing of few sessions among many', () => {
  /** Fills the bucket past the scripts, which would take long: with sessions at `shop/shop-1`. */
  const FILL = `
    for index = ARGV[1], ARGV[1] + ARGV[2] - 1 do
      local key = string.format('%022d', index)
      redis.call('HSET', KEYS[1], key, ARGV[3])
      redis.call('ZADD', KEYS[2], ARGV[4], key)
    end`;
  const MANY = 70_000;
  const AT_ONCE = 5_000;

  beforeEach(async () => {
    const pin = [encodePin(pinWith()), START_MS + IDLE_TIMEOUT_MS];
    for (let first = 0; first < MANY; first += AT_ONCE) {
      await redisCommand(redis, 'EVAL', FILL, 2, bucket.pins, bucket.deadlines, first, AT_ONCE, ...pin);
    }
  });

  it('ends a page that has looked long enough, and goes on from there', async () => {
    const elsewhere = pinWith({ endpoint: endpointOf(2) });
    await store.sessions.pin(keysOfBucket[0]!, elsewhere, START_MS);
    await redisCommand(redis, 'CONFIG', 'RESETSTAT');
    const query = { limit: 100, endpoint: endpointOf(2) };
    const first = await store.inventory.list(query, START_MS);
    expect(first.next).toBeDefined();
    expect(await callsOf('hscan')).toBeLessThan(MANY / 20);
    const listed = await listAll(store.inventory, query, START_MS);
    expect(listed).toEqual([{ key: keysOfBucket[0], pin: elsewhere }]);
  });

  it('never has Redis look at more than some thousand sessions without a pause', async () => {
    await redisCommand(redis, 'CONFIG', 'RESETSTAT');
    await store.inventory.list({ limit: 1_000, endpoint: endpointOf(2) }, START_MS);
    const scripts = (await callsOf('evalsha')) + (await callsOf('eval'));
    expect(((await callsOf('hscan')) * 64) / scripts).toBeLessThan(2_000);
  });
});
