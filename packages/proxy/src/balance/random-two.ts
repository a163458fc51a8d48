import type { Random } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Admits, Newcomer, Selector } from './selector.ts';

/** How often a draw is repeated for one that is admitted, before all candidates are looked through. */
const DRAWS_MAX = 4;

/**
 * Two candidates drawn by their shares, and the one of them with fewer requests in flight for its share (the power of two
 * choices; Mitzenmacher). Nodes that know nothing of each other do not all run after the same idle endpoint, and a
 * choice among thousands costs what one among four does.
 */
export class RandomTwo implements Selector {
  readonly #random: Random;
  #candidates: readonly Endpoint[] = [];
  /** The shares up to and including each candidate's. */
  #sums: readonly number[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  use(candidates: readonly Endpoint[]): void {
    let sum = 0;
    this.#candidates = candidates;
    this.#sums = candidates.map(({ share }) => {
      sum += share;
      return sum;
    });
  }

  select(_newcomer: Newcomer, admits: Admits): Endpoint | undefined {
    const one = this.#draw(undefined, admits);
    const other = this.#draw(one, admits);
    if (one === undefined || other === undefined) return one;
    // The first draw follows the shares by itself: it stands unless the other has less to do.
    return other.inFlight / other.share < one.inFlight / one.share ? other : one;
  }

  #draw(except: Endpoint | undefined, admits: Admits): Endpoint | undefined {
    const count = this.#candidates.length;
    let index = 0;
    for (let draw = 0; draw < DRAWS_MAX; draw++) {
      index = this.#indexAt(this.#random.unit() * (this.#sums[count - 1] ?? 0));
      const endpoint = this.#candidates[index];
      if (endpoint !== undefined && endpoint !== except && admits(endpoint)) return endpoint;
    }
    for (let step = 1; step <= count; step++) {
      const endpoint = this.#candidates[(index + step) % count] as Endpoint;
      if (endpoint !== except && admits(endpoint)) return endpoint;
    }
    return undefined;
  }

  /** The first candidate whose sum of shares is above `point`. */
  #indexAt(point: number): number {
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sums[middle] as number) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
