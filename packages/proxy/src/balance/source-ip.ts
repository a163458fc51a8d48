import type { Endpoint } from '../pool/endpoint.ts';
import { addressPrefix, type PrefixLengths } from './address-prefix.ts';
import { rendezvousBy } from './rendezvous.ts';
import type { Admits, Newcomer, Selector } from './selector.ts';

/**
 * By the address of the client, or the network that it is in: at every node alike, and an endpoint that leaves moves only
 * its own clients.
 */
export class SourceIp implements Selector {
  readonly #lengths: PrefixLengths;
  #candidates: readonly Endpoint[] = [];

  constructor(lengths: PrefixLengths) {
    this.#lengths = lengths;
  }

  use(candidates: readonly Endpoint[]): void {
    this.#candidates = candidates;
  }

  select({ clientAddress }: Newcomer, admits: Admits): Endpoint | undefined {
    const network = addressPrefix(clientAddress, this.#lengths);
    return rendezvousBy(network, this.#candidates, (endpoint) => (admits(endpoint) ? endpoint.share : 0));
  }
}
