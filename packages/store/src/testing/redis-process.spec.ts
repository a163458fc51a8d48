import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RedisProcess, startRedis } from './redis-process.ts';

let redis: RedisProcess;
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(() => redis.stop());

/** What Redis answers to PING; undefined where nobody listens. */
const ping = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(redis.port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('error', () => resolve(undefined));
    socket.on('data', (data) => {
      socket.destroy();
      resolve(String(data).trim());
    });
  });

describe('a Redis of a test', () => {
  it('answers when it has started, and nobody does when it was killed', async () => {
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    expect(await ping()).toBe('+PONG');
    await redis.kill();
    expect(await ping()).toBeUndefined();
  });

  it('comes back on the same port', async () => {
    await redis.restart();
    expect(await ping()).toBe('+PONG');
    await redis.kill('SIGTERM');
    await redis.restart();
    expect(await ping()).toBe('+PONG');
  });

  it('answers only after it was resumed', async () => {
    const events: string[] = [];
    redis.pause();
    const answered = ping().then(() => events.push('answered'));
    events.push('resumed');
    redis.resume();
    await answered;
    expect(events).toEqual(['resumed', 'answered']);
  });

  it('can be stopped while it is frozen, and twice', async () => {
    redis.pause();
    await redis.stop();
    expect(await ping()).toBeUndefined();
  });
});
