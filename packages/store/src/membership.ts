import type { EndpointId, EpochMs, NodeId, PoolName } from '@holdfast/shared';

/** Where a node is in its life, as it tells the others; `left` is its last word. */
export type MemberPhase = 'starting' | 'serving' | 'leaving' | 'left';

/** Which endpoints of a pool a node holds down. That it names a pool says that it has one of that name. */
export interface PoolOpinion {
  readonly pool: PoolName;
  readonly down: readonly EndpointId[];
}

/** What a node says of itself with every beat. */
export interface MemberRecord {
  readonly node: NodeId;
  /** When the process started that beats, by its own clock: it tells one life of a node from the next. */
  readonly startedAtMs: EpochMs;
  /** Another number with every beat of that process. */
  readonly beat: number;
  /** The release of Holdfast that it runs. */
  readonly release: string;
  readonly phase: MemberPhase;
  /** Alike for nodes whose configurations mean the same to sessions. */
  readonly fingerprint: string;
  /** One for each of its pools. */
  readonly opinions: readonly PoolOpinion[];
}

/**
 * The nodes of a cluster, as they tell each other of themselves. Never on the path of a request.
 *
 * Whether a member lives is not for the store to say: its clock, and those of the nodes, may differ by seconds. Whoever
 * looks goes by whether the beat has changed since his last look.
 *
 * Guarantees, the same for every adapter and checked by `membershipContract`:
 * - A beat takes the place of the one before, and every node that lists afterwards sees it.
 * - A record is forgotten when its time is over, whether or not anybody beats any more.
 * - A record that cannot be read is nobody's: it is passed over, and counted in {@link Store.unreadable}.
 * - Failure is a `HoldfastError` of source `store`; `STORE_UNAVAILABLE` leaves open whether a beat was recorded.
 */
export interface Membership {
  /** Records a beat until `validUntilMs`: long enough that clocks which differ by seconds do not matter. */
  beat(record: MemberRecord, validUntilMs: EpochMs, nowMs: EpochMs): Promise<void>;
  /** The latest record of each node that has beaten and is not forgotten, in the order of the nodes' ids. */
  list(nowMs: EpochMs): Promise<readonly MemberRecord[]>;
}
