import type { Random } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';

/** What seals the cookies of a node: the configured secrets, or one of its own that ends with the process. */
export class Secrets {
  readonly #random: Random;
  #own: string | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * The secrets for a configuration, newest first. A secret of the node's own is made when none is configured; once it
   * has been in use it goes on opening what it sealed.
   */
  of({ secrets }: Config): readonly string[] {
    if (secrets.length === 0) this.#own ??= this.#random.bytes(32).toString('hex');
    return this.#own === undefined ? secrets : [...secrets, this.#own];
  }
}
