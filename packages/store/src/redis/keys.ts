import type { ClusterName, SessionKey } from '@holdfast/shared';

/** Sessions are spread over this many buckets. It is part of the layout: another number finds no old session. */
export const BUCKETS = 256;

/** The three keys of a bucket. They share a hash tag, so in Redis Cluster one script reaches them all. */
export interface BucketKeys {
  /** Hash: session key to encoded pin. */
  readonly pins: string;
  /** Sorted set: session keys by idle deadline, in milliseconds since the epoch. */
  readonly deadlines: string;
  /** Hash: endpoint id to the number of its sessions that are living or not yet cleared away. */
  readonly counts: string;
}

/** Every name that one cluster uses in Redis. */
export interface RedisKeys {
  readonly buckets: readonly BucketKeys[];
  /** Hash: endpoint id to its drain. */
  readonly drains: string;
  /** Hash: node id to what it says of itself. */
  readonly members: string;
  /** The channel that carries re-pins and unpins. */
  readonly changesChannel: string;
  /** The channel on which one node hears itself. */
  heartbeatChannel(nodeToken: string): string;
}

export function redisKeys(cluster: ClusterName): RedisKeys {
  const buckets = Array.from({ length: BUCKETS }, (_, index) => {
    const tag = `hf:{${cluster}:${String(index).padStart(3, '0')}}`;
    return { pins: `${tag}:pins`, deadlines: `${tag}:deadlines`, counts: `${tag}:counts` };
  });
  return {
    buckets,
    drains: `hf:{${cluster}}:drains`,
    members: `hf:{${cluster}}:members`,
    changesChannel: `hf:{${cluster}}:changes`,
    heartbeatChannel: (nodeToken) => `hf:{${cluster}}:heartbeat:${nodeToken}`,
  };
}

/** The bucket of a session: FNV-1a of its key, folded to a byte. */
export function bucketOf(key: SessionKey): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff;
}
