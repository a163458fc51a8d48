import { clusterName, type Pin, type SessionKey, systemClock, systemRandom } from '@holdfast/shared';
import type { PinResult, Store } from '@holdfast/store';

/** What a pinner is told to write, now. */
export interface PinOrder {
  readonly key: SessionKey;
  readonly pin: Pin;
  readonly nowMs: number;
}

/** What came of it; a pinner that is ready to begin says so first. */
export type PinReport = 'ready' | PinResult;

/**
 * A process that pins whenever its parent says so, in the session map that its argument names: one of several that
 * race for the same keys.
 */
async function openStore(url: string): Promise<Store> {
  if (url.startsWith('sqlite:')) {
    const { openSqliteStore } = await import('@holdfast/store/sqlite');
    return openSqliteStore({ file: url.slice('sqlite:'.length), clock: systemClock, busyTimeoutMs: 5_000 });
  }
  const { openRedisStore } = await import('@holdfast/store/redis');
  const cluster = clusterName('race');
  return openRedisStore({
    url,
    cluster,
    clock: systemClock,
    random: systemRandom(),
    commandTimeoutMs: 5_000,
  });
}

const store = await openStore(process.argv[2] ?? '');
const report = (message: PinReport): void => void process.send?.(message);

process.on('message', ({ key, pin, nowMs }: PinOrder) => {
  // A failure ends this process, which fails the race.
  void store.sessions.pin(key, pin, nowMs).then(report);
});
process.once('disconnect', () => process.exit());
report('ready');
