import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { EndpointId, EpochMs, Pin, SessionKey } from '@holdfast/shared';
import { decodeArrival, encodeArrival } from '../arrival-codec.ts';
import { livingPin } from '../pin-rules.ts';
import type { SessionEntry, SessionQuery } from '../session-inventory.ts';

type Row = Record<string, SQLOutputValue>;

/** How many expired pins each write clears away: more than it adds, so that they cannot pile up. */
const REAPED_PER_WRITE = 16;

/** How many changes are kept for other processes to read; one that is further behind starts afresh. */
const CHANGES_KEPT = 10_000;

const PIN_COLUMNS = 'endpoint, version, pinned_at_ms, expires_at_ms, ends_at_ms, root, arrival';

/** The statements on pins and changes, prepared once. What makes several of them one step is the caller's transaction. */
export class PinRows {
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #delete: StatementSync;
  readonly #reap: StatementSync;
  readonly #count: StatementSync;
  readonly #list: StatementSync;
  readonly #listOfEndpoint: StatementSync;
  readonly #announce: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare(`SELECT ${PIN_COLUMNS} FROM pins WHERE key = ?`);
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO pins (key, ${PIN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = database.prepare('DELETE FROM pins WHERE key = ?');
    this.#reap = database.prepare(
      'DELETE FROM pins WHERE key IN (SELECT key FROM pins WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)',
    );
    this.#count = database.prepare(
      'SELECT endpoint, COUNT(*) AS sessions FROM pins WHERE expires_at_ms > ? GROUP BY endpoint',
    );
    const list = `SELECT key, ${PIN_COLUMNS} FROM pins WHERE key > ? AND expires_at_ms > ?`;
    this.#list = database.prepare(`${list} ORDER BY key LIMIT ?`);
    this.#listOfEndpoint = database.prepare(
      `${list} AND instr(endpoint || '#', ? || '#') = 1 ORDER BY key LIMIT ?`,
    );
    this.#announce = database.prepare('INSERT INTO changes (key, version) VALUES (?, ?)');
    this.#prune = database.prepare('DELETE FROM changes WHERE sequence <= ?');
  }

  read(key: SessionKey, nowMs: EpochMs): Pin | undefined {
    const row = this.#read.get(key);
    return row === undefined ? undefined : livingPin(pinOf(row), nowMs);
  }

  write(key: SessionKey, pin: Pin): void {
    const { endpoint, version, pinnedAtMs, expiresAtMs, endsAtMs, root = null } = pin;
    const arrival = pin.arrival === undefined ? null : encodeArrival(pin.arrival);
    this.#write.run(key, endpoint, version, pinnedAtMs, expiresAtMs, endsAtMs, root, arrival);
  }

  delete(key: SessionKey): void {
    this.#delete.run(key);
  }

  /** Clears away some of what has expired by `nowMs`. */
  reap(nowMs: EpochMs): void {
    this.#reap.run(nowMs, REAPED_PER_WRITE);
  }

  /** Records a change for the other processes, and forgets the ones that are too old to matter. */
  announce(key: SessionKey, version: number): void {
    const { lastInsertRowid } = this.#announce.run(key, version);
    this.#prune.run(Number(lastInsertRowid) - CHANGES_KEPT);
  }

  countByEndpoint(nowMs: EpochMs): Map<EndpointId, number> {
    return new Map(this.#count.all(nowMs).map((row) => [row.endpoint as EndpointId, row.sessions as number]));
  }

  /** Living pins in the order of their keys, from the one after `afterKey`. */
  list(query: Omit<SessionQuery, 'cursor'>, afterKey: string, nowMs: EpochMs): SessionEntry[] {
    const rows =
      query.endpoint === undefined
        ? this.#list.all(afterKey, nowMs, query.limit)
        : this.#listOfEndpoint.all(afterKey, nowMs, query.endpoint, query.limit);
    return rows.map((row) => ({ key: row.key as SessionKey, pin: pinOf(row) }));
  }
}

/** The table is STRICT: SQLite itself vouches for the types of its columns. */
function pinOf(row: Row): Pin {
  const arrival = row.arrival === null ? undefined : decodeArrival(row.arrival as string);
  return {
    endpoint: row.endpoint as EndpointId,
    version: row.version as number,
    pinnedAtMs: row.pinned_at_ms as EpochMs,
    expiresAtMs: row.expires_at_ms as EpochMs,
    endsAtMs: row.ends_at_ms as EpochMs,
    ...(row.root !== null && { root: row.root as SessionKey }),
    ...(arrival !== undefined && { arrival }),
  };
}
