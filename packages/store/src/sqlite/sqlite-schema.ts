import { DatabaseSync } from 'node:sqlite';
import { HoldfastError } from '@holdfast/shared';
import { isBusy, sqliteError } from './sqlite-error.ts';

const SCHEMA_VERSION = 4;

/** Opening happens before the first request, so here it is right to wait for another process that creates the file. */
const OPEN_TIMEOUT_MS = 5_000;

const DRAINS = `
  CREATE TABLE drains (
    endpoint    TEXT    NOT NULL PRIMARY KEY,
    since_ms    INTEGER NOT NULL,
    deadline_ms INTEGER
  ) STRICT, WITHOUT ROWID;
`;

const ARRIVALS = 'ALTER TABLE pins ADD COLUMN arrival TEXT;';

const MEMBERS = `
  CREATE TABLE members (
    node           TEXT    NOT NULL PRIMARY KEY,
    record         TEXT    NOT NULL,
    valid_until_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/**
 * The index by endpoint carries the deadline, so that counting reads the index alone. Changes are numbered without
 * gaps: AUTOINCREMENT never gives a number twice, and a transaction that is rolled back takes its number back.
 */
const SCHEMA = `
  CREATE TABLE pins (
    key           TEXT    NOT NULL PRIMARY KEY,
    endpoint      TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    pinned_at_ms  INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    ends_at_ms    INTEGER NOT NULL,
    root          TEXT,
    arrival       TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pins_by_endpoint ON pins (endpoint, key, expires_at_ms);
  CREATE INDEX pins_by_deadline ON pins (expires_at_ms);
  CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    key      TEXT    NOT NULL,
    version  INTEGER NOT NULL
  ) STRICT;
  ${DRAINS}
  ${MEMBERS}
`;

/** What each version lacks of this one: the pins of the first knew one key each, drains came with the third. */
const LACKING: Readonly<Record<number, string>> = {
  0: SCHEMA,
  1: `ALTER TABLE pins ADD COLUMN root TEXT; ${ARRIVALS} ${DRAINS} ${MEMBERS}`,
  2: `${ARRIVALS} ${DRAINS} ${MEMBERS}`,
  3: `${ARRIVALS} ${MEMBERS}`,
  [SCHEMA_VERSION]: '',
};

/**
 * Opens the file and brings its schema to this version; several processes may do so at once.
 *
 * Write-ahead logging lets readers and one writer go on side by side. With synchronous=NORMAL a commit survives the
 * death of the process; the loss of power may take back the last few, but never corrupts the file.
 */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: OPEN_TIMEOUT_MS });
    useWriteAheadLog(database);
    database.exec('PRAGMA synchronous = NORMAL');
    bringUpToDate(database, file);
    // From here on nothing may block the event loop: a lock that is taken is an answer.
    database.exec('PRAGMA busy_timeout = 0');
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw sqliteError(error, `open ${file}`);
  }
}

const WAL_ATTEMPTS = 100;
const WAL_RETRY_MS = 50;

/**
 * Of two processes that switch a new file at one moment, SQLite refuses one at once, whatever its timeout, because both
 * hold what the other needs. The refused one tries again; a file that is switched stays so.
 */
function useWriteAheadLog(database: DatabaseSync): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (attempt === WAL_ATTEMPTS || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_RETRY_MS);
    }
  }
}

function bringUpToDate(database: DatabaseSync, file: string): void {
  database.exec('BEGIN IMMEDIATE');
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  const lacking = LACKING[Number(version)];
  if (lacking !== undefined) database.exec(`${lacking} PRAGMA user_version = ${SCHEMA_VERSION};`);
  database.exec('COMMIT');
  if (lacking !== undefined) return;
  throw new HoldfastError(
    'STORE_CORRUPT_VALUE',
    `open ${file}: its schema is version ${version}, this program reads version ${SCHEMA_VERSION}`,
  );
}
