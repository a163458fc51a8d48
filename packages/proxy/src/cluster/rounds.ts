import type { CancelTimer, Clock } from '@holdfast/shared';
import { HURRY_MS } from './pace.ts';

export interface RoundsOptions {
  readonly clock: Clock;
  /** What a round consists of. Never rejects. */
  readonly take: () => Promise<void>;
  /** How long to wait after a round; asked when it is over. */
  readonly delayMs: () => number;
}

/** Rounds that follow each other, one at a time; the next one comes at once where somebody is in a hurry. */
export class Rounds {
  readonly #options: RoundsOptions;
  #state: 'waiting to start' | 'going' | 'over' = 'waiting to start';
  #isHurried = false;
  #underWay: Promise<void> | undefined;
  #cancel: CancelTimer = () => {};

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Begins, with a round at once. */
  start(): void {
    this.#state = 'going';
    this.hurry();
  }

  /** Has the next round come at once. What asks for it within a moment shares it; a round under way is not enough. */
  hurry(): void {
    if (this.#state !== 'going' || this.#isHurried) return;
    this.#isHurried = true;
    if (this.#underWay === undefined) this.#plan();
  }

  /** Ends; settles when a round under way is over. */
  async stop(): Promise<void> {
    this.#state = 'over';
    this.#cancel();
    await this.#underWay;
  }

  #plan(): void {
    const { clock, delayMs } = this.#options;
    this.#cancel();
    if (this.#state === 'going')
      this.#cancel = clock.after(this.#isHurried ? HURRY_MS : delayMs(), () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#isHurried = false;
    this.#underWay = this.#options.take();
    await this.#underWay;
    this.#underWay = undefined;
    this.#plan();
  }
}
