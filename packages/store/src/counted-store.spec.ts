import { describe, expect, it } from 'vitest';
import { countedStore } from './counted-store.ts';
import { openMemoryStore } from './memory/index.ts';
import { endpointOf, keyOf, pinWith, START_MS } from './testing/index.ts';

const key = keyOf(1);

describe('a counted store', () => {
  it('counts each operation by its name, and touches by session', async () => {
    const { sessions, counts } = countedStore(openMemoryStore());
    const touch = { key, endpoint: endpointOf(1), version: 1, expiresAtMs: START_MS };
    await sessions.pin(key, pinWith(), START_MS);
    await sessions.find(key, START_MS);
    await sessions.find(key, START_MS);
    await sessions.repin(key, 1, pinWith({ version: 2 }), START_MS);
    await sessions.touch([touch, touch, touch], START_MS);
    await sessions.unpin(key, undefined, START_MS);
    expect(counts).toEqual({ find: 2, pin: 1, repin: 1, touch: 3, unpin: 1, failures: 0, unreadable: 0 });
  });

  it('shows how many records the store could not read', () => {
    expect(countedStore({ ...openMemoryStore(), unreadable: 3 }).counts.unreadable).toBe(3);
  });

  it('counts failures, and passes them on', async () => {
    const store = countedStore(openMemoryStore());
    await store.close();
    await expect(store.sessions.find(key, START_MS)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(store.counts).toMatchObject({ find: 1, failures: 1 });
  });
});
