import type { Endpoint } from '../pool/endpoint.ts';
import { rendezvousBy } from './rendezvous.ts';
import type { Admits, Newcomer, Selector } from './selector.ts';

/**
 * Rendezvous hashing with bounded load (after Mirrokni, Thorup and Zadimoghaddam, Consistent Hashing with Bounded Loads): a
 * key goes to its endpoint at every node alike, unless that has more than its share of the requests under way at this node;
 * then to the next in the key's own order.
 */
export class BoundedRendezvous implements Selector {
  readonly #loadFactor: number;
  #candidates: readonly Endpoint[] = [];
  #shares = 0;

  /** @param loadFactor how many times its share an endpoint may have, above 1; Infinity: no bound */
  constructor(loadFactor: number) {
    this.#loadFactor = loadFactor;
  }

  use(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates;
    this.#shares = candidates.reduce((sum, { share }) => sum + share, 0);
  }

  select({ sessionKey, clientAddress }: Newcomer, admits: Admits): Endpoint | undefined {
    const key = sessionKey ?? clientAddress;
    const inFlight = this.#candidates.reduce((sum, endpoint) => sum + endpoint.inFlight, 0);
    const perShare = (this.#loadFactor * (inFlight + 1)) / this.#shares;
    const isBelow = (endpoint: Endpoint): boolean => endpoint.inFlight < Math.ceil(perShare * endpoint.share);
    // All others may be full: then the bound gives way, and not the request.
    return (
      rendezvousBy(key, this.#candidates, (endpoint) =>
        isBelow(endpoint) && admits(endpoint) ? endpoint.share : 0,
      ) ?? rendezvousBy(key, this.#candidates, (endpoint) => (admits(endpoint) ? endpoint.share : 0))
    );
  }
}
