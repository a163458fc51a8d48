import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { type SessionKey, systemClock } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../store.ts';
import {
  endpointOf,
  eventually,
  IDLE_TIMEOUT_MS,
  keyOf,
  pinWith,
  RecordedNews,
  START_MS,
} from '../testing/index.ts';
import { openSqliteStore } from './sqlite-store.ts';

const WRITER = fileURLToPath(new URL('../testing/sqlite-writer.ts', import.meta.url));

// Processes start and end here, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 30_000 });

let dir: string;
let file: string;
const stores: Store[] = [];
const children: ChildProcess[] = [];

async function open(clock = systemClock): Promise<Store> {
  const store = await openSqliteStore({ file, clock });
  stores.push(store);
  return store;
}

/** Starts a process that pins one session after the other, and remembers which pins were acknowledged. */
function startWriter(firstIndex: number): {
  readonly child: ChildProcess;
  readonly acknowledged: SessionKey[];
} {
  const child = spawn(process.execPath, [WRITER, file, String(firstIndex)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const acknowledged: SessionKey[] = [];
  createInterface(child.stdout).on('line', (line) => acknowledged.push(line as SessionKey));
  return { child, acknowledged };
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-sqlite-'));
  file = join(dir, 'sessions.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const store of stores.splice(0)) await store.close();
  await rm(dir, { recursive: true });
});

describe('a file of sessions', () => {
  it('keeps what was acknowledged when the process is killed in the middle of its writes', async () => {
    const { child, acknowledged } = startWriter(0);
    await eventually('the process has written', () => acknowledged.length >= 200, 20_000);
    await kill(child);
    const store = await open();
    for (const key of acknowledged) expect(await store.sessions.find(key, START_MS)).toEqual(pinWith());
    const database = new DatabaseSync(file);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  });

  it('is shared by several processes that create and write it at once', async () => {
    const writers = [0, 1_000_000, 2_000_000].map(startWriter);
    for (const { acknowledged } of writers) {
      await eventually('every process has written', () => acknowledged.length >= 100, 20_000);
    }
    const store = await open();
    for (const { acknowledged } of writers) {
      for (const key of acknowledged) expect(await store.sessions.find(key, START_MS)).toEqual(pinWith());
    }
  });

  it('survives closing and opening', async () => {
    const before = await open();
    await before.sessions.pin(keyOf(1), pinWith(), START_MS);
    await before.close();
    expect(await (await open()).sessions.find(keyOf(1), START_MS)).toEqual(pinWith());
  });

  it('is refused when it is no database', async () => {
    await writeFile(file, 'these are not the sessions you are looking for');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_CORRUPT_VALUE' });
  });

  it('is refused, untouched, when a later release has written it', async () => {
    await open();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    await expect(open()).rejects.toMatchObject({
      code: 'STORE_CORRUPT_VALUE',
      message: expect.stringContaining('99'),
    });
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
    database.close();
  });

  it('is unavailable where it cannot be created', async () => {
    file = join(dir, 'missing', 'sessions.db');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('a file that another process has locked', () => {
  it('is unavailable to writers after a while, without holding up the event loop or readers', async () => {
    const clock = new ManualClock(START_MS);
    const store = await open(clock);
    await store.sessions.pin(keyOf(1), pinWith(), START_MS);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const pinning = expect(store.sessions.pin(keyOf(2), pinWith(), START_MS)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await store.sessions.find(keyOf(1), START_MS)).toEqual(pinWith());
    await clock.advance(60);
    await pinning;
    other.exec('ROLLBACK');
    other.close();
  });

  it('is written as soon as the lock is free', async () => {
    const clock = new ManualClock(START_MS);
    const store = await open(clock);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const pinning = store.sessions.pin(keyOf(2), pinWith(), START_MS);
    await clock.advance(20);
    other.exec('ROLLBACK');
    await clock.advance(2);
    expect(await pinning).toMatchObject({ kind: 'pinned' });
    other.close();
  });

  it('fails what was waiting with STORE_CLOSED when it is closed', async () => {
    const clock = new ManualClock(START_MS);
    const store = await open(clock);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const pinning = expect(store.sessions.pin(keyOf(2), pinWith(), START_MS)).rejects.toMatchObject({
      code: 'STORE_CLOSED',
    });
    await store.close();
    await clock.advance(2);
    await pinning;
    other.close();
  });
});

describe('the news of a file', () => {
  it('is a gap where changes were pruned before they were read', async () => {
    const clock = new ManualClock(START_MS);
    const store = await open(clock);
    const news = new RecordedNews();
    store.invalidations.subscribe(news);
    await store.sessions.repin(keyOf(1), 1, pinWith({ version: 2 }), START_MS);
    await store.sessions.repin(keyOf(2), 1, pinWith({ version: 2 }), START_MS);
    const other = new DatabaseSync(file);
    other.exec('DELETE FROM changes WHERE sequence = 1');
    other.close();
    await clock.advance(100);
    expect(news).toMatchObject({ missed: 1, changes: [] });
  });

  it('is a gap where more changed at once than is worth telling', async () => {
    const clock = new ManualClock(START_MS);
    const store = await open(clock);
    const news = new RecordedNews();
    store.invalidations.subscribe(news);
    for (let index = 0; index <= 1_000; index += 1) {
      await store.sessions.repin(keyOf(index), 1, pinWith({ version: 2 }), START_MS);
    }
    await clock.advance(100);
    expect(news).toMatchObject({ missed: 1, changes: [] });
    await store.sessions.unpin(keyOf(1), 2, START_MS);
    await clock.advance(100);
    expect(news).toMatchObject({ missed: 1, changes: [`${keyOf(1)} 0`] });
  });

  it('is not live while the file cannot be read, and loses nothing by it', async () => {
    const clock = new ManualClock(START_MS);
    const store = await open(clock);
    const news = new RecordedNews();
    store.invalidations.subscribe(news);
    const other = new DatabaseSync(file);
    await store.sessions.repin(keyOf(1), 1, pinWith({ version: 2 }), START_MS);
    other.exec(`ALTER TABLE changes RENAME TO hidden; INSERT INTO sqlite_sequence VALUES ('changes', 2)`);
    await clock.advance(1_000);
    expect(store.invalidations.isLive()).toBe(false);
    other.exec(`DELETE FROM sqlite_sequence WHERE name = 'changes'; ALTER TABLE hidden RENAME TO changes`);
    other.close();
    await clock.advance(100);
    expect(store.invalidations.isLive()).toBe(true);
    expect(news).toMatchObject({ missed: 0, changes: [`${keyOf(1)} 2`] });
  });

  it('ends its timer with the store', async () => {
    const clock = new ManualClock(START_MS);
    await (await open(clock)).close();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what stays in a file', () => {
  it('is cleared of expired sessions as new ones are pinned', async () => {
    const store = await open();
    for (let index = 0; index < 160; index += 1) await store.sessions.pin(keyOf(index), pinWith(), START_MS);
    const nowMs = START_MS + IDLE_TIMEOUT_MS;
    const anew = pinWith({ endpoint: endpointOf(2), expiresAtMs: nowMs + 1 });
    for (let index = 0; index < 10; index += 1) await store.sessions.pin(keyOf(1_000 + index), anew, nowMs);
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT COUNT(*) AS rows FROM pins').get()).toEqual({ rows: 10 });
    database.close();
  });

  it('is no more than the last 10,000 changes', async () => {
    const store = await open();
    const database = new DatabaseSync(file);
    database.exec(
      `INSERT INTO changes (sequence, key, version) VALUES (1, 'a', 1), (2, 'b', 1), (10001, 'c', 1)`,
    );
    await store.sessions.repin(keyOf(1), 1, pinWith({ version: 2 }), START_MS);
    const kept = database.prepare('SELECT sequence FROM changes ORDER BY sequence').all();
    expect(kept.map(({ sequence }) => sequence)).toEqual([10_001, 10_002]);
    database.close();
  });
});
