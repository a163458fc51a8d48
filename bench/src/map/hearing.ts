import { NearCache, type Store } from '@holdfast/store';
import { type Effort, measureEffort } from './effort.ts';
import type { RedisLine } from './redis-line.ts';
import { keyOf } from './synthetic-sessions.ts';

const MESSAGES = 100_000;
const MESSAGES_PER_COMMAND = 1_000;

/** What a node spends on news: Redis is made to publish, and the node hears with a near cache as it has one. */
export async function hearNews(
  store: Store,
  line: RedisLine,
  channel: string,
  redisPid: number,
): Promise<Effort> {
  const heard = Promise.withResolvers<number>();
  let count = 0;
  new NearCache({ entriesMax: MESSAGES, staleAfterMs: 1_000 }, store.invalidations);
  const sessionChanged = (): void => {
    count += 1;
    if (count === MESSAGES) heard.resolve(count);
  };
  store.invalidations.subscribe({ sessionChanged, changesMissed: () => {} });
  const script = `for i = 1, ${MESSAGES_PER_COMMAND} do redis.call('PUBLISH', KEYS[1], ARGV[1]) end return 1`;
  return measureEffort(redisPid, async () => {
    for (let sent = 0; sent < MESSAGES; sent += MESSAGES_PER_COMMAND) {
      await line.ask(`EVAL "${script}" 1 ${channel} "${keyOf(sent)} 2"`);
    }
    return heard.promise;
  });
}
