import type { Clock, EpochMs, NodeId } from '@holdfast/shared';
import type { MemberPhase, MemberRecord, Membership } from '@holdfast/store';
import type { Pool } from '../pool/pool.ts';
import { opinionsOf } from './opinions.ts';

/** What a node tells the others of itself beside its opinions. Asked with every beat. */
export interface NodeFacts {
  /** The release of Holdfast. */
  readonly release: string;
  readonly phase: () => MemberPhase;
  /** Alike for nodes whose configurations mean the same to sessions. */
  readonly fingerprint: () => string;
}

export interface HeartParts {
  readonly membership: Membership;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly facts: NodeFacts;
  readonly pools: () => Iterable<Pool>;
}

/** So long a beat is good for who comes later: for many beats, and for longer than clocks differ by. */
const VALID_MS = 30_000;

/** Tells the other nodes of this one. */
export class Heart {
  readonly #parts: HeartParts;
  readonly #startedAtMs: EpochMs;
  #beats = 0;

  constructor(parts: HeartParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.now();
  }

  /** What is told at this moment. */
  record(phase: MemberPhase = this.#parts.facts.phase()): MemberRecord {
    const { node, facts, pools } = this.#parts;
    return {
      node,
      startedAtMs: this.#startedAtMs,
      beat: this.#beats,
      release: facts.release,
      phase,
      fingerprint: facts.fingerprint(),
      opinions: opinionsOf(pools()),
    };
  }

  /** @throws HoldfastError of source `store` */
  async beat(phase?: MemberPhase): Promise<void> {
    const { membership, clock } = this.#parts;
    this.#beats += 1;
    const nowMs = clock.now();
    await membership.beat(this.record(phase), nowMs + VALID_MS, nowMs);
  }
}
