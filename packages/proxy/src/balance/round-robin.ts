import type { Endpoint } from '../pool/endpoint.ts';
import type { Admits, Newcomer, Selector } from './selector.ts';
import { smoothSequence } from './smooth-sequence.ts';

/** Sequences are made of whole numbers; shares of endpoints that warm up are told apart to this fraction of a weight. */
const SHARE_UNITS = 20;

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
    const units = candidates.map(({ share }) => Math.max(1, Math.round(share * SHARE_UNITS)));
    this.#turns = smoothSequence(units).map((index) => candidates[index] as Endpoint);
    this.#next = Math.floor(fraction * this.#turns.length) % Math.max(1, this.#turns.length);
  }

  select(_newcomer: Newcomer, admits: Admits): Endpoint | undefined {
    for (let turn = 0; turn < this.#turns.length; turn++) {
      const endpoint = this.#turns[this.#next] as Endpoint;
      this.#next = (this.#next + 1) % this.#turns.length;
      if (admits(endpoint)) return endpoint;
    }
    return undefined;
  }
}
