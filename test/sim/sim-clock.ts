import type { CancelTimer, Clock, EpochMs } from '@holdfast/shared';
import { settle } from '@holdfast/shared/testing';

interface Planned {
  readonly atMs: number;
  readonly serial: number;
  fire: (() => void) | undefined;
}

const isSooner = (a: Planned, b: Planned): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.serial < b.serial);

/**
 * The one time of a simulated world. What is planned happens in the order of its moments, of equal ones in the order in
 * which it was planned, and everything that follows from it by promises happens before the next.
 */
export class SimClock {
  nowMs = 0;
  /** A binary heap: the soonest is first. */
  readonly #planned: Planned[] = [];
  #serial = 0;

  /** How many events there have been. */
  get events(): number {
    return this.#serial - this.#planned.length;
  }

  after(delayMs: number, fire: () => void): CancelTimer {
    const planned: Planned = { atMs: this.nowMs + Math.max(0, delayMs), serial: this.#serial++, fire };
    this.#push(planned);
    return () => {
      planned.fire = undefined;
    };
  }

  async runUntil(atMs: number): Promise<void> {
    for (let next = this.#planned[0]; next !== undefined && next.atMs <= atMs; next = this.#planned[0]) {
      this.#pop();
      if (next.fire === undefined) continue;
      this.nowMs = next.atMs;
      next.fire();
      await settle();
    }
    this.nowMs = atMs;
  }

  #push(planned: Planned): void {
    const heap = this.#planned;
    let index = heap.push(planned) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isSooner(planned, heap[parent] as Planned)) break;
      heap[index] = heap[parent] as Planned;
      index = parent;
    }
    heap[index] = planned;
  }

  #pop(): void {
    const heap = this.#planned;
    const last = heap.pop() as Planned;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && isSooner(heap[right] as Planned, heap[child] as Planned)) child = right;
      if (!isSooner(heap[child] as Planned, last)) break;
      heap[index] = heap[child] as Planned;
      index = child;
    }
    heap[index] = last;
  }
}

/** When simulated worlds begin, for those who ask for the date. */
const BEGINNING_MS: EpochMs = 1_700_000_000_000;

/** The clock of one node: ahead of the others or behind them, and silent once the node has ended. */
export class NodeClock implements Clock {
  readonly #clock: SimClock;
  readonly #skewMs: number;
  readonly #startedAtMs: number;
  #isStopped = false;

  constructor(clock: SimClock, skewMs: number) {
    this.#clock = clock;
    this.#skewMs = skewMs;
    this.#startedAtMs = clock.nowMs;
  }

  now(): EpochMs {
    return BEGINNING_MS + this.#clock.nowMs + this.#skewMs;
  }

  elapsed(): number {
    return this.#clock.nowMs - this.#startedAtMs;
  }

  /** As timers of a process are: never sooner than in a millisecond. */
  after(delayMs: number, fire: () => void): CancelTimer {
    return this.#clock.after(Math.max(1, Math.ceil(delayMs)), () => {
      if (!this.#isStopped) fire();
    });
  }

  /** The node has ended: nothing that it had planned happens. */
  stop(): void {
    this.#isStopped = true;
  }
}
