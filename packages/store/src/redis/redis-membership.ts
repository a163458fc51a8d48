import type { EpochMs } from '@holdfast/shared';
import { decodeMember, encodeMember } from '../member-codec.ts';
import type { MemberRecord, Membership } from '../membership.ts';
import type { RedisKeys } from './keys.ts';
import { arrayOf, pairsOf } from './replies.ts';
import type { ScriptRunner } from './script-runner.ts';

/** As `<valid until> <record>`, in milliseconds since the epoch. */
const VALUE = /^(\d{1,15}) (.*)$/s;

/** The members of a cluster: one hash, since there are never more than nodes. */
export class RedisMembership implements Membership {
  readonly #scripts: ScriptRunner;
  readonly #keys: RedisKeys;
  #unreadable = 0;

  constructor(scripts: ScriptRunner, keys: RedisKeys) {
    this.#scripts = scripts;
    this.#keys = keys;
  }

  /** Records that were found and could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  async beat(record: MemberRecord, validUntilMs: EpochMs, nowMs: EpochMs): Promise<void> {
    const args = [record.node, encodeMember(record), nowMs, validUntilMs];
    await this.#scripts.runOnKey('beat', this.#keys.members, ...args);
  }

  async list(nowMs: EpochMs): Promise<readonly MemberRecord[]> {
    const reply = arrayOf(await this.#scripts.runOnKey('members', this.#keys.members), 'members');
    const members: MemberRecord[] = [];
    for (const [node, value] of pairsOf(reply)) {
      const [, validUntil, text] = VALUE.exec(String(value)) ?? [];
      if (Number(validUntil) <= nowMs) continue;
      const member = decodeMember(node, text);
      if (member === undefined) this.#unreadable += 1;
      else members.push(member);
    }
    return members.sort((a, b) => (a.node < b.node ? -1 : 1));
  }
}
