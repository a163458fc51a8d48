import type { Endpoint } from '../pool/endpoint.ts';
import type { Admits } from './selector.ts';

/** How much an endpoint has to do already, whatever its share. */
export type LoadOf = (endpoint: Endpoint) => number;

/**
 * The candidate that has the least to do for its share once it has been given one more. Of equals the first one from
 * `first` on.
 *
 * Looks at every candidate; only sessions that are not pinned pay for that.
 */
export function leastLoaded(
  candidates: readonly Endpoint[],
  first: number,
  loadOf: LoadOf,
  admits: Admits,
): Endpoint | undefined {
  const count = candidates.length;
  let best: Endpoint | undefined;
  let bestLoad = Number.POSITIVE_INFINITY;
  for (let step = 0; step < count; step++) {
    const endpoint = candidates[(first + step) % count] as Endpoint;
    const load = (loadOf(endpoint) + 1) / endpoint.share;
    if (load < bestLoad && admits(endpoint)) {
      best = endpoint;
      bestLoad = load;
    }
  }
  return best;
}
