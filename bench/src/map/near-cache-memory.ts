import { type EpochMs, sessionKey } from '@holdfast/shared';
import { NearCache, type Store } from '@holdfast/store';
import { BenchError } from '../bench-error.ts';
import { keyOf } from './synthetic-sessions.ts';

const ENTRIES = 100_000;
const FINDS_TOGETHER = 1_000;

/** What one entry of a full near cache takes: on the heap, and in the buffers of its order. */
export async function nearCacheBytesPerEntry(
  store: Store,
  sessions: number,
  nowMs: EpochMs,
): Promise<number> {
  const entries = Math.min(ENTRIES, Math.floor(sessions / 4));
  const before = occupiedBytes();
  const cache = new NearCache({ entriesMax: entries, staleAfterMs: 1_000 }, store.invalidations);
  for (let first = 0; first < entries; first += FINDS_TOGETHER) {
    const some = Array.from({ length: Math.min(FINDS_TOGETHER, entries - first) }, (_, offset) =>
      // Those of the last quarter have not ended, whatever else was measured before.
      rememberOne(store, cache, sessions - 1 - first - offset, nowMs),
    );
    await Promise.all(some);
  }
  const bytes = occupiedBytes() - before;
  return bytes / cache.size;
}

async function rememberOne(store: Store, cache: NearCache, index: number, nowMs: EpochMs): Promise<void> {
  // A key of its own, as that of a request is.
  const key = sessionKey(Buffer.from(keyOf(index), 'latin1').toString('latin1'));
  // What news, or a gap in it, has overtaken is not remembered.
  while (cache.recall(key, nowMs) === undefined) {
    const mark = cache.mark(key);
    const pin = await store.sessions.find(key, nowMs);
    if (pin === undefined) throw new BenchError('the session map found no session');
    cache.put(key, pin, nowMs, mark);
  }
}

function occupiedBytes(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
