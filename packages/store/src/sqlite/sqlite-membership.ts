import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EpochMs } from '@holdfast/shared';
import { decodeMember, encodeMember } from '../member-codec.ts';
import type { MemberRecord, Membership } from '../membership.ts';
import type { Transactions } from './transactions.ts';

/** The nodes that share the file. */
export class SqliteMembership implements Membership {
  readonly #transactions: Transactions;
  readonly #forget: StatementSync;
  readonly #write: StatementSync;
  readonly #all: StatementSync;
  #unreadable = 0;

  constructor(database: DatabaseSync, transactions: Transactions) {
    this.#transactions = transactions;
    this.#forget = database.prepare('DELETE FROM members WHERE valid_until_ms <= ?');
    this.#write = database.prepare(
      'INSERT OR REPLACE INTO members (node, record, valid_until_ms) VALUES (?, ?, ?)',
    );
    this.#all = database.prepare('SELECT node, record FROM members WHERE valid_until_ms > ? ORDER BY node');
  }

  /** Records that were found and could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  beat(record: MemberRecord, validUntilMs: EpochMs, nowMs: EpochMs): Promise<void> {
    return this.#transactions.write('beat', () => {
      this.#forget.run(nowMs);
      this.#write.run(record.node, encodeMember(record), validUntilMs);
    });
  }

  list(nowMs: EpochMs): Promise<readonly MemberRecord[]> {
    return this.#transactions.read('list members', () =>
      this.#all.all(nowMs).flatMap(({ node, record }) => this.#read(node as string, record) ?? []),
    );
  }

  #read(node: string, text: unknown): MemberRecord | undefined {
    const record = decodeMember(node, text);
    if (record === undefined) this.#unreadable += 1;
    return record;
  }
}
