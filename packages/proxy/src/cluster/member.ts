import type { MemberRecord } from '@holdfast/store';

/**
 * Another node, as this one sees it.
 *
 * - `joining`: has been seen, but not to beat yet; what it has left behind may be all that is there
 * - `alive`: beats
 * - `suspect`: has not beaten for two seconds
 * - `gone`: has not beaten for ten
 * - `left`: has said that it leaves for good
 */
export type Member = {
  readonly kind: 'joining' | 'alive' | 'suspect' | 'gone' | 'left';
  /** What it has said last. */
  readonly record: MemberRecord;
  /** For how long it has said nothing new, while this node was looking. */
  readonly silentMs: number;
};

/** What a look into the store has shown of a member. */
export interface Look {
  /** Undefined: nothing is there of it. */
  readonly record: MemberRecord | undefined;
  /** How long ago the look before was, on the clock of this node that never goes back. */
  readonly sinceLastMs: number;
}

/** Four beats that did not come. */
export const SUSPECT_AFTER_MS = 2_000;
export const GONE_AFTER_MS = 10_000;
/** How long a member that is no more is still shown. */
export const FORGOTTEN_AFTER_MS = 300_000;

/** The time between two looks counts as silence only this far: where a node could not look, nobody has been silent. */
const SILENCE_PER_LOOK_MAX_MS = 1_000;

/** The only way from one state of a member to the next. Undefined: there is none of that name. */
export function afterLook(member: Member | undefined, { record, sinceLastMs }: Look): Member | undefined {
  if (member === undefined) return record && newcomer(record);
  if (record !== undefined && !isSameBeat(member.record, record)) {
    return { kind: record.phase === 'left' ? 'left' : 'alive', record, silentMs: 0 };
  }
  const silentMs = member.silentMs + Math.min(sinceLastMs, SILENCE_PER_LOOK_MAX_MS);
  if (silentMs >= FORGOTTEN_AFTER_MS && record === undefined) return undefined;
  return { ...member, kind: afterSilence(member.kind, silentMs), silentMs };
}

/** Whoever has left before this node came is nobody to it. */
const newcomer = (record: MemberRecord): Member | undefined =>
  record.phase === 'left' ? undefined : { kind: 'joining', record, silentMs: 0 };

/** Clocks differ, and nodes are restarted: whether one beat is later than another is not asked. */
const isSameBeat = (one: MemberRecord, other: MemberRecord): boolean =>
  one.startedAtMs === other.startedAtMs && one.beat === other.beat;

function afterSilence(kind: Member['kind'], silentMs: number): Member['kind'] {
  if (kind === 'left' || silentMs < SUSPECT_AFTER_MS) return kind;
  return silentMs < GONE_AFTER_MS ? 'suspect' : 'gone';
}

/**
 * Whether a member has a vote. Whoever is joining has: taking a dead node for a living one for two seconds delays a move,
 * the other way round would be to move a session that need not move.
 */
export const isVoting = ({ kind }: Pick<Member, 'kind'>): boolean => kind === 'joining' || kind === 'alive';
