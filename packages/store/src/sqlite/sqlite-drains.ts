import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { EndpointId } from '@holdfast/shared';
import { type Drain, type Drains, decideDrain } from '../drains.ts';
import type { Transactions } from './transactions.ts';

const COLUMNS = 'endpoint, since_ms, deadline_ms';

/** The drains of all processes that share the file. */
export function sqliteDrains(database: DatabaseSync, transactions: Transactions): Drains {
  const all = database.prepare(`SELECT ${COLUMNS} FROM drains ORDER BY endpoint`);
  const read = database.prepare(`SELECT ${COLUMNS} FROM drains WHERE endpoint = ?`);
  const write = database.prepare(`INSERT OR REPLACE INTO drains (${COLUMNS}) VALUES (?, ?, ?)`);
  const remove = database.prepare('DELETE FROM drains WHERE endpoint = ?');
  return {
    list: () => transactions.read('list drains', () => all.all().map(drainOf)),

    change: (endpoint, expected, next) =>
      transactions.write('change a drain', () => {
        const row = read.get(endpoint);
        const { result, writes } = decideDrain(row && drainOf(row), expected, next);
        if (writes && next === undefined) remove.run(endpoint);
        else if (writes && next !== undefined) write.run(endpoint, next.sinceMs, next.deadlineMs ?? null);
        return result;
      }),
  };
}

/** The table is STRICT: SQLite itself vouches for the types of its columns. */
const drainOf = (row: Record<string, SQLOutputValue>): Drain => ({
  endpoint: row.endpoint as EndpointId,
  sinceMs: row.since_ms as number,
  ...(row.deadline_ms !== null && { deadlineMs: row.deadline_ms as number }),
});
