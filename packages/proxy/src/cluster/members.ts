import type { NodeId } from '@holdfast/shared';
import type { MemberRecord } from '@holdfast/store';
import { afterLook, isVoting, type Member } from './member.ts';

/** That a member is otherwise than it was; undefined where it was not there, or is not any more. */
export interface MemberChange {
  readonly node: NodeId;
  readonly from: Member['kind'] | undefined;
  readonly to: Member['kind'] | undefined;
}

/**
 * How long what the others have said still counts while the store cannot be asked. Then a node is on its own: it goes by
 * what it holds itself.
 */
const KEPT_MS = 10_000;

/** The other nodes of the cluster, as one of them sees them: by the changes that it sees, on its own clock. */
export class Members {
  readonly #own: NodeId;
  #known: ReadonlyMap<NodeId, Member> = new Map();
  #lookedAtMs: number | undefined;

  constructor(own: NodeId) {
    this.#own = own;
  }

  /** In the order of their ids, those among them that are gone. */
  get all(): readonly Member[] {
    return [...this.#known.values()];
  }

  /** Those whose word counts. @param nowMs on the clock that never goes back */
  voting(nowMs: number): readonly Member[] {
    const isKept = this.#lookedAtMs !== undefined && nowMs - this.#lookedAtMs < KEPT_MS;
    return isKept ? this.all.filter(isVoting) : [];
  }

  /**
   * Takes in what the store has, this node's own record among it.
   *
   * @param nowMs on the clock that never goes back
   * @returns who is otherwise than before
   */
  looked(records: readonly MemberRecord[], nowMs: number): readonly MemberChange[] {
    const before = this.#known;
    const sinceLastMs = nowMs - (this.#lookedAtMs ?? nowMs);
    this.#lookedAtMs = nowMs;
    const seen = new Map(records.map((record) => [record.node, record]));
    seen.delete(this.#own);
    const nodes = [...new Set([...seen.keys(), ...before.keys()])].sort();
    this.#known = new Map(
      nodes.flatMap((node) => {
        const member = afterLook(before.get(node), { record: seen.get(node), sinceLastMs });
        return member === undefined ? [] : [[node, member] as const];
      }),
    );
    return nodes
      .map((node) => ({ node, from: before.get(node)?.kind, to: this.#known.get(node)?.kind }))
      .filter(({ from, to }) => from !== to);
  }
}
