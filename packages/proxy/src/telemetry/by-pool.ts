/** What there is of each pool, made when the pool is first heard of. Pools are few, and named by the configuration. */
export class ByPool<Kept> {
  readonly #make: (pool: string) => Kept;
  readonly #kept = new Map<string, Kept>();

  constructor(make: (pool: string) => Kept) {
    this.#make = make;
  }

  of(pool: string): Kept {
    let kept = this.#kept.get(pool);
    if (kept === undefined) {
      kept = this.#make(pool);
      this.#kept.set(pool, kept);
    }
    return kept;
  }

  get all(): readonly Kept[] {
    return [...this.#kept.values()];
  }

  get entries(): readonly (readonly [string, Kept])[] {
    return [...this.#kept];
  }
}
