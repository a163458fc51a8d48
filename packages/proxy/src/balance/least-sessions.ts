import type { Endpoint } from '../pool/endpoint.ts';
import { type LoadOf, leastLoaded } from './least-loaded.ts';
import type { Admits, Newcomer, Selector } from './selector.ts';
import type { SessionCounts } from './session-counts.ts';

/**
 * The endpoint with the fewest pinned sessions for its share, whichever node has pinned them. Of equals the next in turn.
 *
 * An endpoint that joins gets all new sessions until it has as many as the others; slow start spreads that over time.
 */
export class LeastSessions implements Selector {
  readonly #counts: SessionCounts;
  readonly #sessionsOf: LoadOf;
  #candidates: readonly Endpoint[] = [];
  #turn = 0;

  constructor(counts: SessionCounts) {
    this.#counts = counts;
    this.#sessionsOf = ({ pinId }) => counts.of(pinId);
  }

  use(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates;
  }

  select(_newcomer: Newcomer, admits: Admits): Endpoint | undefined {
    this.#counts.keepFresh();
    const best = leastLoaded(this.#candidates, this.#turn, this.#sessionsOf, admits);
    if (best !== undefined) this.#counts.add(best.pinId);
    this.#turn = (this.#turn + 1) % Math.max(1, this.#candidates.length);
    return best;
  }
}
