import type { Endpoint } from '../pool/endpoint.ts';
import type { Selector } from './selector.ts';
import { smoothSequence } from './smooth-sequence.ts';

/** Weighted round robin, smooth: a heavy endpoint's turns are spread between the others'. */
export class RoundRobin implements Selector {
  #turns: readonly Endpoint[] = [];
  #next: number;

  /** @param start in [0, 1): where in the first turn to begin, so that restarted nodes do not all begin alike */
  constructor(start: number) {
    this.#next = start;
  }

  use(candidates: readonly Endpoint[]): void {
    // The place in the turn is kept as a fraction: a changed pool must not send everybody to its first endpoint.
    const fraction = this.#turns.length > 0 ? this.#next / this.#turns.length : this.#next;
    const sequence = smoothSequence(candidates.map((endpoint) => Math.max(1, endpoint.weight)));
    this.#turns = sequence.map((index) => candidates[index] as Endpoint);
    this.#next = Math.floor(fraction * this.#turns.length) % Math.max(1, this.#turns.length);
  }

  select(except?: Endpoint): Endpoint | undefined {
    for (let turn = 0; turn < this.#turns.length; turn++) {
      const endpoint = this.#turns[this.#next];
      this.#next = (this.#next + 1) % this.#turns.length;
      if (endpoint !== except) return endpoint;
    }
    return undefined;
  }
}
