import { clusterName, systemClock, systemRandom } from '@holdfast/shared';
import { afterAll, beforeAll } from 'vitest';
import { type RedisProcess, startRedis, storeContract } from '../testing/index.ts';
import { openRedisStore } from './redis-store.ts';

let redis: RedisProcess;
let clusters = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

storeContract('redis', async () => {
  clusters += 1;
  const options = { cluster: clusterName(`test-${clusters}`), clock: systemClock, random: systemRandom() };
  // A machine that is busy with other tests is slower than the default timeout is patient.
  return { open: () => openRedisStore({ ...options, url: redis.url, commandTimeoutMs: 5_000 }) };
});
