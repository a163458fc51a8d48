import { type EndpointId, type EpochMs, endpointOfPin, type Pin, type SessionKey } from '@holdfast/shared';

/** A request that was served without the word of the session map. */
interface Visit {
  readonly endpoint: EndpointId;
  readonly atMs: EpochMs;
}

/** Visits that are remembered, of all sessions together: the sessions that came first are forgotten first. */
const VISITS_MAX = 20_000;
/**
 * For so long after a move a request may go to where the session was, even where the map can be asked: it is how long a copy is
 * believed, and the clocks of nodes differ.
 */
const TOLERANCE_MS = 1_000;

/**
 * The requests that were served by what this process remembered, or computed, because the session map could not be asked. When the
 * map is asked for the session again, it turns out whether they went where they should have.
 */
export class UnconfirmedVisits {
  readonly #visits = new Map<SessionKey, Visit[]>();
  #count = 0;

  /** How many requests are remembered. */
  get count(): number {
    return this.#count;
  }

  add(key: SessionKey, endpoint: EndpointId, atMs: EpochMs): void {
    const visits = this.#visits.get(key);
    if (visits === undefined) this.#visits.set(key, [{ endpoint, atMs }]);
    else visits.push({ endpoint, atMs });
    this.#count++;
    for (const oldest of this.#visits.keys()) {
      if (this.#count <= VISITS_MAX) break;
      this.#forget(oldest);
    }
  }

  /**
   * Takes in where the session is, by the map, and forgets its visits.
   *
   * @returns how many of them were elsewhere although the session had come there before. A move that was followed by another one
   *   is not seen any more: it may have been more.
   */
  settle(key: SessionKey, { endpoint, pinnedAtMs }: Pin): number {
    const visits = this.#forget(key);
    const place = endpointOfPin(endpoint);
    return visits.filter((visit) => visit.endpoint !== place && visit.atMs > pinnedAtMs + TOLERANCE_MS)
      .length;
  }

  #forget(key: SessionKey): readonly Visit[] {
    const visits = this.#visits.get(key) ?? [];
    this.#visits.delete(key);
    this.#count -= visits.length;
    return visits;
  }
}
