import { clusterName, type SessionKey, silentLogger, systemClock, systemRandom } from '@holdfast/shared';
import { type GuardedStore, guardedStore, type Store } from '@holdfast/store';
import { openRedisStore } from '@holdfast/store/redis';
import {
  CLUSTER_NODE_TIMEOUT_MS,
  endpointOf,
  eventually,
  keyOf,
  listenTo,
  pinWith,
  type RedisCluster,
  type RedisClusterNode,
  type RedisSentinels,
  redisCommand,
  START_MS,
  startRedisCluster,
  startSentinels,
} from '@holdfast/store/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf, redisKeys } from '../../packages/store/src/redis/keys.ts';
import { asHoldfast, grant, RIGHTS, refusals } from '../support/redis-rights.ts';

// The tests of a topology build on each other, as failures of a Redis in use do: each leaves it whole.

/** A Sentinel whose machine has stood still for two seconds fails nothing over for thirty (its TILT mode). */
const FAILOVER_DEADLINE_MS = 45_000;
const CLUSTER = clusterName('failover');
const opened: Store[] = [];
let clock = START_MS;

/** As the user that the guide describes: a right that only a failover needs would be missed here. */
async function open({ url }: { readonly url: string }): Promise<GuardedStore> {
  const settings = { clock: systemClock, random: systemRandom(), commandTimeoutMs: 2_000 };
  const store = await openRedisStore({ url: asHoldfast(url), cluster: CLUSTER, ...settings });
  const guarded = guardedStore(store, { ...settings, logger: silentLogger, commandTimeoutMs: 500 });
  opened.push(guarded);
  return guarded;
}

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  clock += 10_000_000;
});

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

/** A pin of now, since each test has a time of its own in which no earlier pin is alive. */
const pinNow = (version = 1) =>
  pinWith({
    version,
    endpoint: endpointOf(version),
    pinnedAtMs: clock,
    expiresAtMs: clock + 60_000,
    endsAtMs: clock + 600_000,
  });

/** Waits until a session can be pinned, moved and found, as a request would. */
const untilServes = (store: Store, key: SessionKey): Promise<void> =>
  eventually(
    'the store takes a write',
    async () =>
      (await succeeds(store.sessions.repin(key, 0, pinNow(), clock))) &&
      (await store.sessions.find(key, clock)) !== undefined,
    FAILOVER_DEADLINE_MS,
  );

describe('Redis behind Sentinels', () => {
  /** One whose primary is killed, and one whose primary freezes. */
  let [killed, frozen] = [] as unknown as readonly [RedisSentinels, RedisSentinels];
  beforeAll(async () => {
    [killed, frozen] = await Promise.all([startSentinels(), startSentinels()]);
    for (const { primary, replica, sentinels } of [killed, frozen]) {
      await grant([primary, replica], RIGHTS.redis);
      await grant(sentinels, RIGHTS.sentinel);
    }
  });
  afterAll(() => Promise.all([killed, frozen].map((redis) => redis.stop())));

  /** Redis acknowledges before it has replicated. */
  const untilReplicated = ({ primary, replica }: RedisSentinels): Promise<void> =>
    eventually('the replica has everything', async () => {
      const [there, here] = [primary, replica].map((of) => redisCommand(of, 'INFO', 'replication'));
      const written = /master_repl_offset:(\d+)/.exec(String(await there))?.[1];
      return written === /slave_repl_offset:(\d+)/.exec(String(await here))?.[1];
    });

  async function expectFailover(redis: RedisSentinels, fail: () => unknown): Promise<void> {
    const [a, b] = [await open(redis), await open(redis)];
    const news = await listenTo(b.invalidations);
    await a.sessions.pin(keyOf(1), pinNow(), clock);
    await untilReplicated(redis);
    const missedBefore = news.missed;

    await fail();
    await expect(a.sessions.find(keyOf(1), clock)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await untilServes(a, keyOf(2));
    expect(await redis.current()).toBe(redis.replica);
    expect(await a.sessions.find(keyOf(1), clock)).toEqual(pinNow());
    await eventually('the news is live', () => b.invalidations.isLive(), FAILOVER_DEADLINE_MS);
    expect(news.missed).toBeGreaterThan(missedBefore);
    await a.sessions.repin(keyOf(1), 1, pinNow(2), clock);
    await eventually('the re-pin is told', () => news.changes.includes(`${keyOf(1)} 2`));
  }

  it('goes on at the replica when the primary is killed or frozen, and news flows again after a gap was told', async () => {
    await Promise.all([
      expectFailover(killed, () => killed.primary.kill()),
      expectFailover(frozen, () => frozen.primary.pause()),
    ]);
  });

  it('does not go back to a primary of old that returns, empty or as it was', async () => {
    const stores = await Promise.all([killed, frozen].map(open));
    await Promise.all(stores.map((store) => untilServes(store, keyOf(3))));
    await killed.primary.restart();
    await grant([killed.primary], RIGHTS.redis);
    frozen.primary.resume();
    const fresh = await Promise.all([killed, frozen].map(open));
    for (const [index, store] of fresh.entries()) {
      await untilServes(store, keyOf(4));
      expect(await store.sessions.find(keyOf(3), clock)).toEqual(pinNow());
      expect(await stores[index]!.sessions.find(keyOf(4), clock)).toEqual(pinNow());
    }
    for (const { replica, sentinels } of [killed, frozen]) {
      expect(await refusals([replica, ...sentinels])).toEqual([]);
    }
  });
});

describe('a Redis Cluster', () => {
  let redis: RedisCluster;
  beforeAll(async () => {
    redis = await startRedisCluster();
    await grant([...redis.primaries, ...redis.replicas], RIGHTS.cluster);
  });
  afterAll(() => redis.stop());

  const bucketsOf = redisKeys(CLUSTER).buckets;
  const pinsOf = (key: SessionKey): string => bucketsOf[bucketOf(key)]!.pins;

  /** The first session that is kept by a primary, and not by one of `others`. */
  async function keyAt(primary: RedisClusterNode): Promise<SessionKey> {
    for (let index = 0; ; index += 1) {
      if ((await redis.primaryOf(pinsOf(keyOf(index)))).port === primary.port) return keyOf(index);
    }
  }

  /** Has a primary that is silent for so long be replaced. */
  async function replaceAfter(silenceMs: number): Promise<void> {
    for (const node of [...redis.primaries, ...redis.replicas])
      await redisCommand(node, 'CONFIG', 'SET', 'cluster-node-timeout', silenceMs);
  }

  it('tells each node of what moves on any of the primaries', async () => {
    const [a, b] = [await open(redis), await open(redis)];
    const news = await Promise.all([a, b].map(({ invalidations }) => listenTo(invalidations)));
    const keys = await Promise.all(redis.primaries.map(keyAt));
    for (const key of keys) {
      await a.sessions.pin(key, pinNow(), clock);
      await b.sessions.repin(key, 1, pinNow(2), clock);
    }
    for (const { changes } of news) {
      await eventually('all moves are told', () => keys.every((key) => changes.includes(`${key} 2`)));
    }
  });

  it('sends a script again to the one node that has lost it', async () => {
    const store = await open(redis);
    const keys = await Promise.all(redis.primaries.map(keyAt));
    for (const key of keys) await store.sessions.pin(key, pinNow(), clock);
    await redisCommand(redis.primaries[1]!, 'SCRIPT', 'FLUSH');
    for (const key of keys) expect(await store.sessions.find(key, clock)).toEqual(pinNow());
  });

  it('is followed when a bucket moves to another node, and asked again for one that is on its way', async () => {
    const store = await open(redis);
    const [from, to] = redis.primaries as readonly [RedisClusterNode, RedisClusterNode];
    const key = await keyAt(from);
    await store.sessions.pin(key, pinNow(), clock);
    const { pins, deadlines, counts } = bucketsOf[bucketOf(key)]!;
    const slot = Number(await redisCommand(from, 'CLUSTER', 'KEYSLOT', pins));

    await redisCommand(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await redisCommand(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    expect(await store.sessions.find(key, clock)).toEqual(pinNow());
    const migrate = ['127.0.0.1', to.port, '', 0, 5_000, 'KEYS', pins, deadlines, counts] as const;
    await redisCommand(from, 'MIGRATE', ...migrate);
    // The new node has never seen a script, and is asked by the old one's redirection only.
    expect(await store.sessions.find(key, clock)).toEqual(pinNow());
    expect(await store.sessions.repin(key, 1, pinNow(2), clock)).toMatchObject({ kind: 'repinned' });
    for (const node of [to, from]) await redisCommand(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    expect(await store.sessions.find(key, clock)).toEqual(pinNow(2));
    expect((await redis.primaryOf(pins)).port).toBe(to.port);
  });

  it('costs no more than the budget while an empty bucket is on its way, and takes the session afterwards', async () => {
    const store = await open(redis);
    const [from, to] = redis.primaries as readonly [RedisClusterNode, RedisClusterNode];
    const key = await keyAt(to);
    const { pins } = bucketsOf[bucketOf(key)]!;
    await redisCommand(
      to,
      'DEL',
      pins,
      bucketsOf[bucketOf(key)]!.deadlines,
      bucketsOf[bucketOf(key)]!.counts,
    );
    const slot = Number(await redisCommand(to, 'CLUSTER', 'KEYSLOT', pins));
    await redisCommand(from, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', to.id);
    await redisCommand(to, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', from.id);
    await expect(store.sessions.pin(key, pinNow(), clock)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    for (const node of [from, to]) await redisCommand(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', from.id);
    await untilServes(store, key);
  });

  it('does not take news for flowing while one primary is not heard', async () => {
    const store = await open(redis);
    const news = await listenTo(store.invalidations);
    const missedBefore = news.missed;
    const [frozen, other] = redis.primaries as readonly [RedisClusterNode, RedisClusterNode];
    const key = await keyAt(other);
    // Its replica would take over in about the time after which silence counts.
    await replaceAfter(60_000);
    frozen.pause();
    try {
      await eventually('the silence is noticed', () => !store.invalidations.isLive());
      // Others go on meanwhile.
      await untilServes(store, key);
    } finally {
      frozen.resume();
      await replaceAfter(CLUSTER_NODE_TIMEOUT_MS);
    }
    await eventually('the news is live', () => store.invalidations.isLive(), FAILOVER_DEADLINE_MS);
    expect(news.missed).toBeGreaterThan(missedBefore);
  });

  it('hears news by way of another node while the one that it subscribed at is frozen', async () => {
    const isSubscribedAt = async (node: RedisClusterNode): Promise<boolean> =>
      ((await redisCommand(node, 'PUBSUB', 'CHANNELS', '*:heartbeat:*')) as unknown[]).length > 0;
    const openSomewhere = async () => {
      const store = await open(redis);
      await eventually('the news is live', () => store.invalidations.isLive());
      const answers = await Promise.all(redis.replicas.map(isSubscribedAt));
      return { store, node: redis.replicas[answers.indexOf(true)] };
    };
    let { store, node } = await openSomewhere();
    // Which node it is, is a matter of chance; a primary that freezes would be missed by all.
    while (node === undefined) {
      await store.close();
      ({ store, node } = await openSomewhere());
    }
    node.pause();
    try {
      await eventually('the silence is noticed', () => !store.invalidations.isLive());
      await eventually('the news is live', () => store.invalidations.isLive(), FAILOVER_DEADLINE_MS);
    } finally {
      node.resume();
    }
  });

  it('goes on at the replica when a primary is killed, and at the others all the time', async () => {
    const [store, beside] = [await open(redis), await open(redis)];
    const news = await listenTo(store.invalidations);
    const [dead, other] = redis.primaries.slice(1) as [RedisClusterNode, RedisClusterNode];
    const [lost, kept] = [await keyAt(dead), await keyAt(other)];
    await store.sessions.pin(lost, pinNow(), clock);
    await store.sessions.pin(kept, pinNow(), clock);

    await dead.kill();
    for (let count = 0; count < 5; count += 1)
      await expect(store.sessions.find(lost, clock)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(store.state).toBe('unavailable');
    for (const each of [store, beside]) expect(await each.sessions.find(kept, clock)).toEqual(pinNow());
    await untilServes(store, lost);
    const late = await open(redis);
    await untilServes(late, lost);
    await eventually('the news is live', () => store.invalidations.isLive(), FAILOVER_DEADLINE_MS);
    await late.sessions.repin(lost, 1, pinNow(2), clock);
    await eventually('the re-pin is told', () => news.changes.includes(`${lost} 2`));
    const living = [...redis.primaries, ...redis.replicas].filter((node) => node !== dead);
    expect(await refusals(living)).toEqual([]);
  });
});
