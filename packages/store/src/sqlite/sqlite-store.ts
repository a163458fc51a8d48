import { type Clock, isSessionKey } from '@holdfast/shared';
import { FORGOTTEN } from '../invalidations.ts';
import { boundedPin, decideTouch } from '../pin-rules.ts';
import type { SessionInventory } from '../session-inventory.ts';
import type { SessionStore } from '../session-store.ts';
import type { Store } from '../store.ts';
import { PinRows } from './pin-rows.ts';
import { sqliteDrains } from './sqlite-drains.ts';
import { SqliteInvalidations } from './sqlite-invalidations.ts';
import { SqliteMembership } from './sqlite-membership.ts';
import { openDatabase } from './sqlite-schema.ts';
import { Transactions } from './transactions.ts';

export interface SqliteStoreOptions {
  /** The database file; created with its schema where there is none. It must be on a local disk. */
  readonly file: string;
  readonly clock: Clock;
  /** How long an operation keeps trying while other processes write. Default: 50 ms; then `STORE_UNAVAILABLE`. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the session map in a file, shared by the processes of one machine. It survives restarts and `kill -9`.
 *
 * @throws HoldfastError `STORE_UNAVAILABLE` where the file cannot be opened, `STORE_CORRUPT_VALUE` where it is no
 *   database or has the schema of another version
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, clock, busyTimeoutMs = 50 } = options;
  const database = openDatabase(file);
  const rows = new PinRows(database);
  const transactions = new Transactions(database, clock, busyTimeoutMs);
  const invalidations = new SqliteInvalidations(database, clock);
  const membership = new SqliteMembership(database, transactions);
  return {
    sessions: sqliteSessions(rows, transactions),
    inventory: sqliteInventory(rows, transactions),
    invalidations,
    drains: sqliteDrains(database, transactions),
    membership,
    get unreadable() {
      return membership.unreadable;
    },
    async close() {
      invalidations.stop();
      if (database.isOpen) database.close();
    },
  };
}

function sqliteSessions(rows: PinRows, transactions: Transactions): SessionStore {
  return {
    find: (key, nowMs) => transactions.read('find', () => rows.read(key, nowMs)),

    pin: (key, proposed, nowMs) =>
      transactions.write('pin', () => {
        const current = rows.read(key, nowMs);
        if (current !== undefined) return { kind: 'already-pinned', pin: current };
        const pin = boundedPin(proposed);
        rows.reap(nowMs);
        rows.write(key, pin);
        return { kind: 'pinned', pin };
      }),

    repin: (key, expectedVersion, proposed, nowMs) =>
      transactions.write('repin', () => {
        const current = rows.read(key, nowMs);
        if (current !== undefined && current.version !== expectedVersion)
          return { kind: 'lost', pin: current };
        const pin = boundedPin(proposed);
        rows.reap(nowMs);
        rows.write(key, pin);
        rows.announce(key, pin.version);
        return { kind: 'repinned', pin };
      }),

    touch: (touches, nowMs) =>
      transactions.write('touch', () =>
        touches.map((touch) => {
          const { result, write } = decideTouch(rows.read(touch.key, nowMs), touch);
          if (write !== undefined) rows.write(touch.key, write);
          return result;
        }),
      ),

    unpin: (key, expectedVersion, nowMs) =>
      transactions.write('unpin', () => {
        const current = rows.read(key, nowMs);
        if (current === undefined) return false;
        if (expectedVersion !== undefined && current.version !== expectedVersion) return false;
        rows.delete(key);
        rows.announce(key, FORGOTTEN);
        return true;
      }),
  };
}

function sqliteInventory(rows: PinRows, transactions: Transactions): SessionInventory {
  return {
    countByEndpoint: (nowMs) => transactions.read('count', () => rows.countByEndpoint(nowMs)),

    async list({ cursor, ...query }, nowMs) {
      // The empty string sorts before every key.
      const afterKey = cursor !== undefined && isSessionKey(cursor) ? cursor : '';
      const sessions = await transactions.read('list', () => rows.list(query, afterKey, nowMs));
      const last = sessions.at(-1);
      return last === undefined || sessions.length < query.limit
        ? { sessions }
        : { sessions, next: last.key };
    },
  };
}
