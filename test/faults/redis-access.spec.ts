import { createSecureContext } from 'node:tls';
import { clusterName, systemClock, systemRandom } from '@holdfast/shared';
import { openRedisStore, type RedisStoreOptions } from '@holdfast/store/redis';
import {
  freePort,
  keyOf,
  pinWith,
  type RedisProcess,
  redisCommand,
  redisStoreContract,
  START_MS,
  startRedis,
} from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authorityFile,
  authorityPem,
  certificateFiles,
  certificatePem,
} from '../../packages/proxy/src/testing/tls/certificates.ts';
import { bucketOf, redisKeys } from '../../packages/store/src/redis/keys.ts';
import { asHoldfast, commandsRun, grant, RIGHTS, refusals } from '../support/redis-rights.ts';

/** A Redis that speaks TLS with those who show a certificate, and lets the test in by another port. */
async function startSecured(): Promise<{ redis: RedisProcess; url: string }> {
  const port = await freePort();
  const { cert, key } = certificateFiles('endpoint');
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', authorityFile];
  const redis = await startRedis({ args: ['--tls-port', String(port), ...files] });
  await grant([redis], RIGHTS.redis);
  return { redis, url: asHoldfast(`rediss://127.0.0.1:${port}`) };
}

const CLUSTER = clusterName('access');
const TRUSTED = { secureContext: createSecureContext({ ca: authorityPem(), ...certificatePem('node') }) };

describe('Redis with TLS, and a user who has the rights that the guide names', () => {
  let secured: Awaited<ReturnType<typeof startSecured>>;
  beforeAll(async () => {
    secured = await startSecured();
  });
  afterAll(() => secured.redis.stop());

  const open = async (changes: Partial<RedisStoreOptions> = {}) =>
    openRedisStore({
      url: secured.url,
      tls: TRUSTED,
      cluster: CLUSTER,
      clock: systemClock,
      random: systemRandom(),
      commandTimeoutMs: 5_000,
      ...changes,
    });

  redisStoreContract('redis', async () => ({ url: secured.url, tls: TRUSTED, stop: async () => {} }), 10);

  it('repairs what somebody else has written into a bucket, and what is left of one that was evicted', async () => {
    const store = await open();
    const [foreign, evicted] = [keyOf(1), keyOf(2)].map((key) => redisKeys(CLUSTER).buckets[bucketOf(key)]!);
    await redisCommand(secured.redis, 'SET', foreign!.pins, 'foreign');
    for (const key of [keyOf(1), keyOf(2)]) await store.sessions.pin(key, pinWith(), START_MS);
    expect(await store.sessions.find(keyOf(1), START_MS)).toEqual(pinWith());
    await redisCommand(secured.redis, 'DEL', foreign!.deadlines, evicted!.pins);
    expect(await store.inventory.countByEndpoint(START_MS)).toEqual(new Map());
    await store.close();
  });

  it('keeps databases apart', async () => {
    const [first, second] = [await open(), await open({ url: `${secured.url}/2` })];
    await second.sessions.pin(keyOf(3), pinWith(), START_MS);
    expect(await first.sessions.find(keyOf(3), START_MS)).toBeUndefined();
    for (const store of [first, second]) await store.close();
  });

  it('has refused nothing, and that user has no right without a use', async () => {
    expect(await refusals([secured.redis])).toEqual([]);
    const used = new Set(await commandsRun(secured.redis));
    const granted = RIGHTS.redis.filter((right) => right.startsWith('+')).map((right) => right.slice(1));
    expect(granted.filter((command) => !used.has(command))).toEqual([]);
  });

  it.each([
    ['has a certificate of nobody that is trusted', { rejectUnauthorized: true }, /self-signed|unable to/],
    ['proves another name than the one asked for', { ...TRUSTED, servername: 'other.test' }, /altnames/],
  ])('is not spoken with where it %s', async (_, tls, why) => {
    const store = await open({ tls });
    const find = store.sessions.find(keyOf(1), START_MS);
    await expect(find).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(why),
    });
    await store.close();
  });

  it('is spoken with all the same where nobody wants to know', async () => {
    const secureContext = createSecureContext(certificatePem('node'));
    const store = await open({ tls: { secureContext, rejectUnauthorized: false } });
    expect(await store.sessions.find(keyOf(7), START_MS)).toBeUndefined();
    await store.close();
  });

  it('says which right is missing', async () => {
    await redisCommand(secured.redis, 'ACL', 'SETUSER', 'holdfast', '-hset');
    const store = await open();
    await expect(store.sessions.pin(keyOf(8), pinWith(), START_MS)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/can't run this command/),
    });
    await store.close();
  });
});
