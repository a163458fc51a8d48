import type { Fact, Visit } from '../support/history/history.ts';
import type { SimClock } from './sim-clock.ts';

/** A fact before its moment is known. */
type Told<F> = F extends Fact ? Omit<F, 'atMs'> : never;
export type Event = Told<Fact>;

/** Keeps what happens in a simulated world, for the checker. */
export class Chronicle {
  readonly visits: Visit[] = [];
  readonly facts: Fact[] = [];
  readonly #clock: SimClock;
  readonly #troubles = new Map<string, number>();

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  tell(event: Event): void {
    this.facts.push({ ...event, atMs: this.#clock.nowMs } as Fact);
  }

  /**
   * Tells of a trouble that may have several causes at once: that it is there with the first of them, and that it is over
   * when the answer has been called for the last.
   */
  trouble(begun: Event, over: Event): () => void {
    const name = JSON.stringify(begun);
    const causes = this.#troubles.get(name) ?? 0;
    if (causes === 0) this.tell(begun);
    this.#troubles.set(name, causes + 1);
    return () => {
      const left = (this.#troubles.get(name) ?? 1) - 1;
      this.#troubles.set(name, left);
      if (left === 0) this.tell(over);
    };
  }
}
