import type { Endpoint } from '../pool/endpoint.ts';
import type { Selector } from './selector.ts';

/**
 * The endpoint with the fewest requests in flight for its weight. Of equals the next in turn, so that an idle
 * pool is still used evenly.
 *
 * Looks at every candidate; only sessions that are not pinned pay for that.
 */
export class LeastConnections implements Selector {
  #candidates: readonly Endpoint[] = [];
  #turn = 0;

  use(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates;
  }

  select(except?: Endpoint): Endpoint | undefined {
    const count = this.#candidates.length;
    let best: Endpoint | undefined;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (let step = 0; step < count; step++) {
      const endpoint = this.#candidates[(this.#turn + step) % count] as Endpoint;
      const load = (endpoint.inFlight + 1) / Math.max(1, endpoint.weight);
      if (load < bestLoad && endpoint !== except) {
        best = endpoint;
        bestLoad = load;
      }
    }
    this.#turn = count === 0 ? 0 : (this.#turn + 1) % count;
    return best;
  }
}
