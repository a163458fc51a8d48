import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '@holdfast/shared';
import { expect, it, onTestFinished } from 'vitest';
import { endpointOf, keyOf, pinWith, START_MS } from '../testing/store-world.ts';
import { openSqliteStore } from './sqlite-store.ts';

it('a file of the second release, which knew no drains, is taken over with its sessions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-schema-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'sessions.db');
  const before = await openSqliteStore({ file, clock: systemClock });
  await before.sessions.pin(keyOf(1), pinWith(), START_MS);
  await before.close();
  const database = new DatabaseSync(file);
  database.exec('DROP TABLE drains; PRAGMA user_version = 2');
  database.close();

  for (let opening = 0; opening < 2; opening++) {
    const { sessions, drains, close } = await openSqliteStore({ file, clock: systemClock });
    expect(await sessions.find(keyOf(1), START_MS)).toEqual(pinWith());
    const drain = { endpoint: endpointOf(1), sinceMs: START_MS };
    expect(await drains.change(endpointOf(1), undefined, drain)).toEqual({ kind: 'changed' });
    expect(await drains.list()).toEqual([drain]);
    await close();
  }
});
