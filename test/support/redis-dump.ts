import { Redis } from 'ioredis';

/** Everything that a Redis holds, as one text: keys, fields, members and values. */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url, { protocol: 2 });
  try {
    const lines: string[] = [];
    for (const key of await redis.keys('*')) lines.push(key, await contentOf(redis, key));
    return lines.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1', 'WITHSCORES'));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    default:
      return (await redis.get(key)) ?? '';
  }
}
