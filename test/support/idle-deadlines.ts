import { Redis } from 'ioredis';

/** When each session that a Redis knows ends if it stays idle, in milliseconds since the epoch. */
export async function idleDeadlines(url: string): Promise<readonly number[]> {
  const redis = new Redis(url, { protocol: 2 });
  try {
    const deadlines: number[] = [];
    for (const key of await redis.keys('*:deadlines'))
      deadlines.push(
        ...(await redis.zrange(key, '0', '-1', 'WITHSCORES'))
          .filter((_, index) => index % 2 === 1)
          .map(Number),
      );
    return deadlines;
  } finally {
    redis.disconnect();
  }
}
