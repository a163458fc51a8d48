/** A time during which something was so. Infinity: until the end of the history. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Spans of the same thing, opened and closed as its history is read. */
export class Spans {
  readonly #closed: Span[] = [];
  /** When the open one began, by whoever says that it is so: the thing is so as long as one of them says it. */
  readonly #open = new Map<string, number>();

  begin(by: string, atMs: number): void {
    if (!this.#open.has(by)) this.#open.set(by, atMs);
  }

  end(by: string, atMs: number): void {
    const fromMs = this.#open.get(by);
    if (fromMs === undefined) return;
    this.#open.delete(by);
    this.#closed.push({ fromMs, untilMs: atMs });
  }

  /** Whether it was so at some moment of a time, both ends included. */
  meet(fromMs: number, untilMs: number): boolean {
    for (const begunAtMs of this.#open.values()) if (begunAtMs <= untilMs) return true;
    return this.#closed.some((span) => span.fromMs <= untilMs && span.untilMs >= fromMs);
  }

  /** Since when it had been so at the first moment of a time at which it was; undefined: at none. */
  beganBefore(fromMs: number, untilMs: number): number | undefined {
    const closed = this.#closed.filter((span) => span.fromMs <= untilMs && span.untilMs >= fromMs);
    const open = [...this.#open.values()].filter((begunAtMs) => begunAtMs <= untilMs);
    const begun = [...closed.map((span) => span.fromMs), ...open];
    return begun.length === 0 ? undefined : Math.min(...begun);
  }

  /** Whether it was so during all of a time, by one who said so. */
  cover(fromMs: number, untilMs: number): boolean {
    for (const begunAtMs of this.#open.values()) if (begunAtMs <= fromMs) return true;
    return this.#closed.some((span) => span.fromMs <= fromMs && span.untilMs >= untilMs);
  }
}

/** Spans of many things, by name. */
export class SpansByName {
  readonly #spans = new Map<string, Spans>();

  of(name: string): Spans {
    const known = this.#spans.get(name);
    if (known !== undefined) return known;
    const spans = new Spans();
    this.#spans.set(name, spans);
    return spans;
  }
}
