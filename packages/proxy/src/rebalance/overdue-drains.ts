import { type Clock, endpointOfPin, HoldfastError, type Logger } from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';
import { candidatesBeside } from '../affinity/candidates-beside.ts';
import { rendezvous } from '../balance/rendezvous.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { KnownSession } from './known-sessions.ts';
import { Pace } from './pace.ts';
import { PinCounts } from './pin-counts.ts';
import { relocate } from './relocation.ts';
import type { SessionMover } from './session-mover.ts';

export interface OverdueDrainsParts {
  readonly inventory: SessionInventory;
  readonly mover: SessionMover;
  readonly pools: { readonly all: readonly { readonly pool: Pool }[] };
  /** How many sessions are moved away in a second, at most. */
  readonly rateOf: (pool: Pool) => number;
  /** Whether this process does what one of the cluster has to do by itself. */
  readonly isOnDuty: () => boolean;
  /** Whether the store answers, as far as this process has noticed. */
  readonly isStoreAvailable: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOOK_INTERVAL_MS = 1_000;

/**
 * Empties the endpoints whose drain is past its deadline, the longest idle sessions first. Every session goes where its next
 * request would move it, so that it is no matter who comes first.
 */
export class OverdueDrains {
  readonly #parts: OverdueDrainsParts;
  readonly #counts: PinCounts;

  constructor(parts: OverdueDrainsParts) {
    this.#parts = parts;
    this.#counts = new PinCounts(parts.inventory, parts.clock);
  }

  /** Looks from now on, until the store is closed. */
  start(): void {
    this.#parts.clock.after(LOOK_INTERVAL_MS, () => void this.#lookOn());
  }

  async #lookOn(): Promise<void> {
    if (await this.#look()) this.start();
  }

  /** Answers whether there is a store to go on with. */
  async #look(): Promise<boolean> {
    const { pools, isOnDuty, isStoreAvailable, log } = this.#parts;
    if (!isOnDuty() || !isStoreAvailable()) return true;
    try {
      for (const { pool } of pools.all)
        for (const endpoint of pool.endpoints.filter(isOverdue)) await this.#empty(pool, endpoint);
      return true;
    } catch (error) {
      const { source, code, message } = HoldfastError.from(error);
      // A defect here must not end a node that serves.
      if (source !== 'store') log.error({ error: message }, 'cannot empty a drained endpoint');
      return code !== 'STORE_CLOSED';
    }
  }

  async #empty(pool: Pool, endpoint: Endpoint): Promise<void> {
    const { mover, rateOf, clock, log } = this.#parts;
    await this.#counts.keepFresh();
    const count = this.#counts.of(endpoint.id);
    if (count === 0) return;
    let moved = 0;
    await relocate(this.#parts, mover, {
      from: endpoint.id,
      count,
      reason: 'endpoint-drained',
      pace: new Pace(clock, rateOf(pool)),
      mayMove: (pin) => endpointOfPin(pin.endpoint) === endpoint.id,
      placeFor: async (session) => placeBeside(pool, endpoint, session),
      moved: (pins, to) => {
        moved += pins;
        this.#counts.moved(pins, endpoint.id, to.id);
      },
    });
    if (moved > 0) log.info({ pool: pool.name, endpoint: endpoint.id, moved }, 'drained endpoint emptied');
  }
}

/** Whether sessions that make a request leave it, whenever they came. */
const isOverdue = ({ drainingSinceMs }: Endpoint): boolean => drainingSinceMs === Number.NEGATIVE_INFINITY;

/** Where every node would move the session; undefined where it stays, as the drain has ended or nobody else takes any. */
function placeBeside(pool: Pool, endpoint: Endpoint, { root }: KnownSession): Endpoint | undefined {
  const isLeft = isOverdue(endpoint) && pool.find(endpoint.id) === endpoint;
  if (!isLeft || pool.candidates.includes(endpoint)) return undefined;
  return rendezvous(
    root,
    candidatesBeside(pool, endpoint.id).filter(({ isSticky }) => isSticky),
  );
}
