import { clusterName, endpointId, poolName, sessionKey, systemClock, systemRandom } from '@holdfast/shared';
import { openRedisStore } from '@holdfast/store/redis';

// The session that pages name by its key, pinned for a day.
const DAY_MS = 86_400_000;

const store = await openRedisStore({
  url: 'redis://127.0.0.1:6379',
  cluster: clusterName('shop'),
  clock: systemClock,
  random: systemRandom(),
  commandTimeoutMs: 5_000,
});
const nowMs = systemClock.now();
await store.sessions.pin(
  sessionKey('3q2-7wAAAAAAAAAAAAAAAA'),
  {
    endpoint: endpointId(poolName('shop'), 'shop-3'),
    version: 1,
    pinnedAtMs: nowMs,
    expiresAtMs: nowMs + DAY_MS,
    endsAtMs: nowMs + DAY_MS,
  },
  nowMs,
);
await store.close();
