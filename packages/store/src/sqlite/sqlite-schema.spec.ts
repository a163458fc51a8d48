import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '@holdfast/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpointOf, keyOf, memberOf, pinWith, START_MS } from '../testing/index.ts';
import { openSqliteStore } from './sqlite-store.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-schema-'));
  file = join(folder, 'sessions.db');
});
afterEach(() => rm(folder, { recursive: true }));

const DRAINS = `
  CREATE TABLE drains (
    endpoint TEXT NOT NULL PRIMARY KEY, since_ms INTEGER NOT NULL, deadline_ms INTEGER
  ) STRICT, WITHOUT ROWID;
`;

const TABLES_OF_THE_FIRST = `
  CREATE TABLE pins (
    key TEXT NOT NULL PRIMARY KEY, endpoint TEXT NOT NULL, version INTEGER NOT NULL,
    pinned_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL, ends_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pins_by_endpoint ON pins (endpoint, key, expires_at_ms);
  CREATE INDEX pins_by_deadline ON pins (expires_at_ms);
  CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, version INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = 1;
`;

/** Writes the file as a release has left it, with one session. */
function writeAs(tables: string): void {
  const database = new DatabaseSync(file);
  database.exec(tables);
  const { endpoint, version, pinnedAtMs, expiresAtMs, endsAtMs } = pinWith();
  database
    .prepare(
      'INSERT INTO pins (key, endpoint, version, pinned_at_ms, expires_at_ms, ends_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(keyOf(1), endpoint, version, pinnedAtMs, expiresAtMs, endsAtMs);
  database.close();
}

describe('a file of an earlier release is taken over with its sessions', () => {
  it.each([
    ['the first, which knew neither aliases nor drains', TABLES_OF_THE_FIRST],
    [
      'the second, which knew no drains',
      `${TABLES_OF_THE_FIRST} ALTER TABLE pins ADD COLUMN root TEXT; PRAGMA user_version = 2;`,
    ],
    [
      'the third, which knew no members',
      `${TABLES_OF_THE_FIRST} ALTER TABLE pins ADD COLUMN root TEXT; ${DRAINS} PRAGMA user_version = 3;`,
    ],
  ])('%s', async (_, tables) => {
    writeAs(tables);
    const alias = pinWith({
      root: keyOf(1),
      arrival: { from: endpointOf(2), reason: 'rebalanced' },
    });
    const drain = { endpoint: endpointOf(1), sinceMs: START_MS };
    for (let opening = 0; opening < 2; opening++) {
      const { sessions, drains, membership, close } = await openSqliteStore({ file, clock: systemClock });
      expect(await sessions.find(keyOf(1), START_MS)).toEqual(pinWith());
      await sessions.pin(keyOf(2), alias, START_MS);
      expect(await sessions.find(keyOf(2), START_MS)).toEqual(alias);
      expect(await drains.change(endpointOf(1), undefined, drain)).toEqual({ kind: 'changed' });
      expect(await drains.list()).toEqual([drain]);
      await membership.beat(memberOf('node-1'), START_MS + 1, START_MS);
      expect(await membership.list(START_MS)).toEqual([memberOf('node-1')]);
      await close();
    }
  });
});
