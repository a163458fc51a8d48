import { type Clock, type EndpointId, restAfter } from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';

/** How old the counts may be when a session is placed by them. */
const FRESH_MS = 2_000;
/** Counts of a store that has been slow once, or of very many nodes, are no older than this. */
const STALE_MS = 60_000;

/**
 * How many sessions are pinned to each endpoint: what the store said some seconds ago, and what has been placed since. Of
 * that, a node knows its own part; the others are taken to have placed as many each, or all of them would fill the same gap.
 * The store is asked while sessions are placed, in the background; none of them waits for the answer.
 */
export class SessionCounts {
  readonly #inventory: Pick<SessionInventory, 'countByEndpoint'>;
  readonly #clock: Clock;
  readonly #nodesNow: () => number;
  /** When the store was asked for `#counted`. */
  #nodes = 1;
  #counted: ReadonlyMap<EndpointId, number> = new Map();
  /** Placed by this node since the store was asked for `#counted`. */
  readonly #placed = new Map<EndpointId, number>();
  #isAsking = false;
  #freshUntilMs = Number.NEGATIVE_INFINITY;

  /** @param nodes how many nodes place sessions, this one among them. Default: this one alone. */
  constructor(
    inventory: Pick<SessionInventory, 'countByEndpoint'>,
    clock: Clock,
    nodes: () => number = () => 1,
  ) {
    this.#inventory = inventory;
    this.#clock = clock;
    this.#nodesNow = nodes;
  }

  of(endpoint: EndpointId): number {
    return (this.#counted.get(endpoint) ?? 0) + (this.#placed.get(endpoint) ?? 0) * this.#nodes;
  }

  /** A session is about to be pinned there. */
  add(endpoint: EndpointId): void {
    this.#placed.set(endpoint, (this.#placed.get(endpoint) ?? 0) + 1);
  }

  /** Has the store asked if that is due. */
  keepFresh(): void {
    if (!this.#isAsking && this.#clock.elapsed() >= this.#freshUntilMs) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#nodes = this.#nodesNow();
    const askedAtMs = this.#clock.elapsed();
    const placedBefore = new Map(this.#placed);
    try {
      this.#counted = await this.#inventory.countByEndpoint(this.#clock.now());
      for (const [endpoint, count] of placedBefore) this.#forget(endpoint, count);
    } catch {
      // Old counts are better than none; that the store is unavailable, its guard has told.
    }
    const nowMs = this.#clock.elapsed();
    // Where counting takes long, it is asked for less often, as all nodes together may.
    const restMs = this.#nodes * restAfter(nowMs - askedAtMs);
    this.#freshUntilMs = nowMs + Math.min(STALE_MS, Math.max(FRESH_MS, restMs));
    this.#isAsking = false;
  }

  /** What was placed before the store was asked is among what it has counted. */
  #forget(endpoint: EndpointId, count: number): void {
    const left = (this.#placed.get(endpoint) ?? 0) - count;
    if (left > 0) this.#placed.set(endpoint, left);
    else this.#placed.delete(endpoint);
  }
}
