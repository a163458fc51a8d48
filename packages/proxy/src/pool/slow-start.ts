import type { CancelTimer, Clock } from '@holdfast/shared';
import type { Endpoint } from './endpoint.ts';

/** In how many steps a share grows: each of them makes the balance policy reckon anew. */
const STEPS = 20;

/**
 * How much of its share an endpoint gets that has joined or come back a while ago: from a twentieth at once, growing
 * evenly, to all of it when `slowStartMs` have passed.
 */
export function warmth(elapsedMs: number, slowStartMs: number): number {
  if (elapsedMs >= slowStartMs) return 1;
  return (Math.floor((Math.max(0, elapsedMs) / slowStartMs) * STEPS) + 1) / STEPS;
}

/** The endpoints of a pool that are warming up. */
export class SlowStart {
  readonly #clock: Clock;
  readonly #stepped: () => void;
  /** Since when, by the clock that never goes back. */
  readonly #since = new Map<Endpoint, number>();
  #durationMs: number;
  #cancel: CancelTimer | undefined;

  /** @param stepped called when shares have grown */
  constructor(durationMs: number, clock: Clock, stepped: () => void) {
    this.#durationMs = durationMs;
    this.#clock = clock;
    this.#stepped = stepped;
  }

  /** From now on warming up takes this long. 0: endpoints are warm at once. */
  configure(durationMs: number): void {
    this.#durationMs = durationMs;
  }

  /** The endpoint has joined, or is back. */
  begin(endpoint: Endpoint): void {
    if (this.#durationMs === 0) return;
    this.#since.set(endpoint, this.#clock.elapsed());
    this.#cancel ??= this.#plan();
  }

  /** What the balance policy is to go by. */
  shareOf(endpoint: Endpoint): number {
    const sinceMs = this.#since.get(endpoint);
    const share = Math.max(1, endpoint.weight);
    return sinceMs === undefined ? share : share * warmth(this.#clock.elapsed() - sinceMs, this.#durationMs);
  }

  #plan(): CancelTimer {
    return this.#clock.after(this.#durationMs / STEPS, () => this.#step());
  }

  #step(): void {
    const nowMs = this.#clock.elapsed();
    for (const [endpoint, sinceMs] of this.#since)
      if (nowMs - sinceMs >= this.#durationMs) this.#since.delete(endpoint);
    this.#cancel = this.#since.size > 0 ? this.#plan() : undefined;
    this.#stepped();
  }
}
