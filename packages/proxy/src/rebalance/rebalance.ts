import {
  type Clock,
  type EndpointId,
  type EpochMs,
  endpointOfPin,
  HoldfastError,
  type Lifetime,
  type Pin,
} from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { idleSince, knownIdleAfterMs } from './idleness.ts';
import { Pace, pause } from './pace.ts';
import { PinCounts } from './pin-counts.ts';
import { type Place, planTransfers, type Transfer } from './plan-transfers.ts';
import { relocate } from './relocation.ts';
import type { SessionMover } from './session-mover.ts';

/** How sessions are rebalanced. */
export interface RebalanceSettings {
  /** How many sessions are moved in a second, at most. */
  readonly rate: number;
  /** Only sessions that have made no request for so long are moved. */
  readonly idleForMs: number;
  /** How far the pins of an endpoint may be from what its weight is worth, as a fraction of that. */
  readonly tolerance: number;
}

/**
 * Where a rebalance is.
 *
 * - `running`: it moves sessions, or waits for some to become idle
 * - `balanced`: over, every endpoint has what its weight is worth
 * - `in-use`: over, the sessions that would have to move are in use
 * - `stopped`: over before its time
 */
export type RebalanceState = 'running' | 'balanced' | 'in-use' | 'stopped';

/** Who has begun a rebalance: an operator, or the node itself as an endpoint has joined. */
export type RebalanceTrigger = 'operator' | 'joined';

export interface RebalanceParts {
  readonly pool: Pool;
  readonly lifetime: Lifetime;
  readonly settings: RebalanceSettings;
  readonly trigger: RebalanceTrigger;
  readonly mover: SessionMover;
  readonly inventory: SessionInventory;
  readonly clock: Clock;
}

/** How often it is looked for idle sessions in the time in which every session that is not used becomes one. */
const LOOKS = 4;
const STORE_RETRY_MS = 1_000;

/**
 * Moves idle sessions of a pool until every endpoint has the pins that its weight is worth. The plan is made anew from the
 * counts of the session map all the time, so that nobody moves too many when several nodes do so at once.
 */
export class Rebalance {
  readonly trigger: RebalanceTrigger;
  readonly settings: RebalanceSettings;
  readonly startedAtMs: EpochMs;
  endedAtMs: EpochMs | undefined = undefined;
  state: RebalanceState = 'running';
  /** How many pins have moved. */
  moved = 0;
  readonly #parts: RebalanceParts;
  readonly #counts: PinCounts;
  readonly #pace: Pace;

  constructor(parts: RebalanceParts) {
    const { trigger, settings, inventory, clock } = parts;
    this.trigger = trigger;
    this.settings = settings;
    this.startedAtMs = clock.now();
    this.#parts = parts;
    this.#counts = new PinCounts(inventory, clock);
    this.#pace = new Pace(clock, settings.rate);
  }

  /** What is left to move, as far as is known. */
  get plan(): readonly Transfer[] {
    const { pool, settings } = this.#parts;
    return planTransfers(placesOf(pool, this.#counts), settings.tolerance);
  }

  /** What would be moved now, by a new count. */
  async preview(): Promise<readonly Transfer[]> {
    await this.#counts.count();
    return this.plan;
  }

  /** Works until it is over. Never rejects for lack of a store: it goes on when there is one. */
  async run(): Promise<void> {
    const { clock, lifetime } = this.#parts;
    const patienceMs = knownIdleAfterMs(this.settings.idleForMs, lifetime);
    let movedAtMs = clock.elapsed();
    while (this.state === 'running') {
      const movedBefore = this.moved;
      const isCounted = await this.#takeFromAll();
      if (isCounted && this.plan.length === 0) return this.end('balanced');
      if (!isCounted || this.moved > movedBefore) movedAtMs = clock.elapsed();
      if (clock.elapsed() - movedAtMs >= patienceMs) return this.end('in-use');
      await pause(clock, isCounted ? patienceMs / LOOKS : STORE_RETRY_MS);
    }
  }

  /** It is over; once it is, it stays so. */
  end(state: Exclude<RebalanceState, 'running'>): void {
    if (this.state !== 'running') return;
    this.state = state;
    this.endedAtMs = this.#parts.clock.now();
  }

  /** Takes from every endpoint what it has too much of and nobody uses. Answers whether the store was there for it. */
  async #takeFromAll(): Promise<boolean> {
    try {
      await this.#counts.count();
      for (const from of new Set(this.plan.map((transfer) => transfer.from))) await this.#takeFrom(from);
      return true;
    } catch (error) {
      const { source, code } = HoldfastError.from(error);
      if (source !== 'store') throw error;
      if (code === 'STORE_CLOSED') this.end('stopped');
      return false;
    }
  }

  #takeFrom(from: EndpointId): Promise<void> {
    const { mover } = this.#parts;
    return relocate(this.#parts, mover, {
      from,
      count: this.#counts.of(from),
      reason: 'rebalanced',
      pace: this.#pace,
      mayMove: (pin) => endpointOfPin(pin.endpoint) === from && this.#isIdle(pin),
      placeFor: () => this.#placeFor(from),
      moved: (pins, to) => {
        this.moved += pins;
        this.#counts.moved(pins, from, to.id);
      },
    });
  }

  #isIdle(pin: Pin): boolean {
    const { lifetime, clock } = this.#parts;
    const sinceMs = idleSince(pin, lifetime);
    return sinceMs !== undefined && clock.now() - sinceMs >= this.settings.idleForMs;
  }

  /** Whoever is to get most of what this endpoint has too much of at the moment. */
  async #placeFor(from: EndpointId): Promise<Endpoint | undefined> {
    if (this.state !== 'running') return undefined;
    await this.#counts.keepFresh();
    const transfers = this.plan.filter((transfer) => transfer.from === from);
    const [most] = transfers.sort((one, other) => other.sessions - one.sessions);
    return most && this.#parts.pool.find(most.to);
  }
}

/** The endpoints that sessions may come to and stay at: those of which every node says so. */
const placesOf = ({ candidates }: Pool, counts: PinCounts): readonly Place[] =>
  candidates
    .filter(({ takesNewSessions, isSticky }) => takesNewSessions && isSticky)
    .map(({ id, weight }) => ({ id, weight, pinned: counts.of(id) }));
