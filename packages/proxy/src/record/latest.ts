/**
 * The latest of what comes one after another, each with its number, so that whoever comes back can be told what is new since.
 */
export class Latest<Item> {
  readonly #max: number;
  readonly #items: Item[] = [];
  #count = 0;

  /** @param max so many are kept */
  constructor(max: number) {
    this.#max = max;
  }

  add(item: Item): void {
    this.#count += 1;
    this.#items.push(item);
    if (this.#items.length > this.#max) this.#items.shift();
  }

  /** The number of the newest; 0 before the first. */
  get count(): number {
    return this.#count;
  }

  /** All that are kept, oldest first. */
  get all(): readonly Item[] {
    return this.#items;
  }

  /** Those after that number, oldest first; undefined where some of them are no longer known. */
  after(number: number): readonly Item[] | undefined {
    const oldest = this.#count - this.#items.length;
    return number >= oldest ? this.#items.slice(number - oldest) : undefined;
  }
}
