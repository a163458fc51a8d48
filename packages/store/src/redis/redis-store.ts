import type { ConnectionOptions } from 'node:tls';
import {
  A_REDIS_URL,
  type Clock,
  type ClusterName,
  HoldfastError,
  parseRedisUrl,
  type Random,
} from '@holdfast/shared';
import type { Store } from '../store.ts';
import { RedisClient } from './client.ts';
import { primaryOf } from './connections.ts';
import { hashSlot } from './hash-slot.ts';
import { bucketOf, redisKeys } from './keys.ts';
import { RedisDrains } from './redis-drains.ts';
import { RedisInvalidations } from './redis-invalidations.ts';
import { RedisInventory } from './redis-inventory.ts';
import { RedisMembership } from './redis-membership.ts';
import { RedisSessions } from './redis-sessions.ts';
import { ScriptRunner } from './script-runner.ts';

export interface RedisStoreOptions {
  /** As {@link parseRedisUrl} reads it: one process, a primary that Sentinels know, or a Redis Cluster. */
  readonly url: string;
  /** How TLS is spoken where the URL asks for it. Default: as Node does, with the authorities that Node trusts. */
  readonly tls?: ConnectionOptions;
  /** Nodes of one name share their sessions; clusters of different names may share one Redis. */
  readonly cluster: ClusterName;
  readonly clock: Clock;
  readonly random: Random;
  /** The longest that one command may take. Default: 50 ms; then `STORE_UNAVAILABLE`. */
  readonly commandTimeoutMs?: number;
}

/** Subscribing happens beside the requests, so it may take longer than a command that one of them waits for. */
const SUBSCRIBE_TIMEOUT_MS = 1_000;

const NODE_TOKEN_BYTES = 12;

/**
 * Opens the session map in Redis 6.2 or newer, or Valkey, shared by all nodes of a cluster.
 *
 * Succeeds whether or not Redis can be reached: without a connection operations fail with `STORE_UNAVAILABLE` at
 * once, and connections come back by themselves. An acknowledged write may be lost when Redis restarts or fails over.
 *
 * @throws HoldfastError `INTERNAL` if the URL is not one of Redis
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { cluster, clock, random, commandTimeoutMs = 50 } = options;
  const keys = redisKeys(cluster);
  const settings = { ...options, place: placeOf(options.url), commandTimeoutMs };
  const commands = RedisClient.commands(settings);
  const subscriber = RedisClient.subscriber(
    { ...settings, commandTimeoutMs: SUBSCRIBE_TIMEOUT_MS },
    commands,
  );
  const scripts = new ScriptRunner(commands);
  const invalidations = new RedisInvalidations({
    subscriber,
    publisher: commands,
    changesChannel: keys.changesChannel,
    heartbeatChannel: keys.heartbeatChannel(random.bytes(NODE_TOKEN_BYTES).toString('base64url')),
    clock,
  });
  await Promise.all([commands.firstAttempt(), subscriber.firstAttempt()]);
  const sessions = new RedisSessions(scripts, keys);
  const slots = keys.buckets.map(({ pins }) => hashSlot(pins));
  const membership = new RedisMembership(scripts, keys);
  return {
    sessions,
    get unreadable() {
      return sessions.unreadable + membership.unreadable;
    },
    partOf: (key) => primaryOf(commands.connection, slots[bucketOf(key)] as number),
    inventory: new RedisInventory(scripts, keys),
    invalidations,
    drains: new RedisDrains(scripts, keys),
    membership,
    async close() {
      invalidations.stop();
      scripts.close();
    },
  };
}

function placeOf(url: string) {
  const place = parseRedisUrl(url);
  if (place === undefined) throw new HoldfastError('INTERNAL', `open the store: expected ${A_REDIS_URL}`);
  return place;
}
