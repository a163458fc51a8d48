import { type Clock, type NodeId, sleep } from '@holdfast/shared';
import type { ProbeResult } from '../health/health-check.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';

/** Asks an endpoint out of turn, and has its pool know how that ended. */
export type AskEndpoint = (pool: Pool, endpoint: Endpoint) => Promise<ProbeResult>;

/** Between two failures that are to count as two. */
const AGAIN_AFTER_MS = 100;
/** More failures in a row than any threshold asks for in practice. */
const LOOKS_MAX = 10;

/**
 * Looks for itself at an endpoint that another node holds down and this one does not: until it holds it down as well, or
 * has been answered. Once for each node that says so, and again when that node says so anew.
 */
export class SecondLooks {
  readonly #ask: AskEndpoint;
  readonly #clock: Clock;
  /** Whose word has been looked into. */
  readonly #claims = new WeakMap<Endpoint, ReadonlySet<NodeId>>();
  readonly #underWay = new WeakSet<Endpoint>();

  constructor(ask: AskEndpoint, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Takes in who holds an endpoint down at this moment that this node holds up; nobody, where it does not. */
  consider(pool: Pool, endpoint: Endpoint, claimants: ReadonlySet<NodeId>): void {
    const before = this.#claims.get(endpoint);
    if (claimants.size === 0) this.#claims.delete(endpoint);
    else this.#claims.set(endpoint, claimants);
    const isNew = [...claimants].some((node) => before?.has(node) !== true);
    if (isNew && !this.#underWay.has(endpoint)) void this.#look(pool, endpoint);
  }

  async #look(pool: Pool, endpoint: Endpoint): Promise<void> {
    this.#underWay.add(endpoint);
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const result = await this.#ask(pool, endpoint);
      if (result === 'passed' || endpoint.isHeldDown || !this.#claims.has(endpoint)) break;
      await sleep(this.#clock, AGAIN_AFTER_MS);
    }
    this.#underWay.delete(endpoint);
  }
}
