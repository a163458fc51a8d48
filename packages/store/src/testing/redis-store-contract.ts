import type { ConnectionOptions } from 'node:tls';
import { clusterName, systemClock, systemRandom } from '@holdfast/shared';
import { afterAll, beforeAll, describe } from 'vitest';
import { openRedisStore } from '../redis/index.ts';
import { storeContract } from './store-contract.ts';

/** A Redis of any form. */
export interface RedisPlaceOfTest {
  readonly url: string;
  readonly tls?: ConnectionOptions;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** The contract of the store, on a Redis that is started once; to each of its tests a cluster of its own. */
export function redisStoreContract(
  form: string,
  start: () => Promise<RedisPlaceOfTest>,
  histories?: number,
): void {
  describe('on a Redis of its own', () => {
    let place: RedisPlaceOfTest;
    let clusters = 0;
    beforeAll(async () => {
      place = await start();
    }, START_TIMEOUT_MS);
    afterAll(() => place.stop());
    const arrange = async () => {
      clusters += 1;
      const { url, tls } = place;
      const options = {
        url,
        ...(tls !== undefined && { tls }),
        cluster: clusterName(`test-${clusters}`),
        clock: systemClock,
        random: systemRandom(),
        // A machine that is busy with other tests is slower than the default timeout is patient.
        commandTimeoutMs: 5_000,
      };
      return { open: () => openRedisStore(options) };
    };
    storeContract(form, arrange, histories);
  });
}
