import type { Random } from '@holdfast/shared';

/** What is left to chance in a simulated world. */
export class Dice {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  isLucky(probability: number): boolean {
    return this.random.unit() < probability;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.random.unit();
  }

  /** A whole number of that range, both ends included. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  pick<T>(among: readonly T[]): T {
    return among[this.whole(0, among.length - 1)] as T;
  }
}
