import type { Endpoint } from '../pool/endpoint.ts';
import { type LoadOf, leastLoaded } from './least-loaded.ts';
import type { Admits, Newcomer, Selector } from './selector.ts';

const requestsOf: LoadOf = ({ inFlight }) => inFlight;

/**
 * The endpoint with the fewest requests in flight for its share. Of equals the next in turn, so that an idle
 * pool is still used evenly.
 */
export class LeastConnections implements Selector {
  #candidates: readonly Endpoint[] = [];
  #turn = 0;

  use(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates;
  }

  select(_newcomer: Newcomer, admits: Admits): Endpoint | undefined {
    const best = leastLoaded(this.#candidates, this.#turn, requestsOf, admits);
    this.#turn = (this.#turn + 1) % Math.max(1, this.#candidates.length);
    return best;
  }
}
