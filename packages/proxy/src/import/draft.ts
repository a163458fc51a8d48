import { formatDuration } from '@holdfast/shared';
import type { configSchema } from '@holdfast/shared/config';
import type { z } from 'zod';

/** A configuration as a file writes it, before defaults. */
export type WrittenConfig = z.input<typeof configSchema>;
type AnyPool = WrittenConfig['pools'][number];
/** What is imported names its endpoints. */
export type WrittenPool = AnyPool & { endpoints: NonNullable<AnyPool['endpoints']> };
export type WrittenEndpoint = WrittenPool['endpoints'][number];
export type WrittenHealthCheck = NonNullable<WrittenPool['healthCheck']>;
export type WrittenAffinity = NonNullable<WrittenPool['affinity']>;
export type WrittenListener = WrittenConfig['listeners'][number];
export type WrittenRoute = NonNullable<WrittenListener['routes']>[number];

/** A word of the imported text, such as a directive or an annotation, and where it stands, from 1. */
export interface Place {
  readonly line: number;
  /** Undefined where a line is all that is known. */
  readonly column?: number;
  readonly name: string;
}

/** Something that was not carried over as it stands, and why, or what to do instead. */
export interface ImportNote extends Place {
  readonly reason: string;
}

const NAME_LENGTH_MAX = 63;

/** A configuration that is being put together from another program's, and what there is to say about that. */
export class Draft {
  readonly listeners: WrittenListener[] = [];
  readonly notes: ImportNote[] = [];
  /** Where the parts of the draft come from, by the part. */
  readonly places = new Map<object, Place>();
  /** Comments that stand above parts of the draft. */
  readonly remarks = new Map<object, readonly string[]>();
  /** Whether a part that the configuration does not take may be left out; else all of the draft is refused with it. */
  readonly isDivisible: boolean;
  readonly #pools = new Map<string, WrittenPool>();
  readonly #names = { pool: new Set<string>(), listener: new Set<string>() };

  constructor(isDivisible = true) {
    this.isDivisible = isDivisible;
  }

  get pools(): readonly WrittenPool[] {
    return [...this.#pools.values()];
  }

  note({ line, name }: Place, reason: string): void {
    this.notes.push({ line, name, reason });
  }

  /** Explains a part of the draft to whoever reads the configuration. */
  remark(part: object, text: string): void {
    const said = this.remarks.get(part) ?? [];
    if (!said.includes(text)) this.remarks.set(part, [...said, text]);
  }

  /** Remembers where a part comes from. */
  from<Part extends object>(place: Place, part: Part): Part {
    this.places.set(part, place);
    return part;
  }

  /** The pool that the imported text calls `key`. */
  poolOf(key: string): WrittenPool | undefined {
    return this.#pools.get(key);
  }

  addPool(place: Place, key: string, name = key): WrittenPool {
    const pool: WrittenPool = this.from(place, { name: this.nameFor('pool', name), endpoints: [] });
    this.#pools.set(key, pool);
    return pool;
  }

  addListener(place: Place, written: WrittenListener): WrittenListener {
    const listener = this.from(place, written);
    this.listeners.push(listener);
    return listener;
  }

  /** The name that is nearest to a text and not taken yet. */
  nameFor(kind: 'pool' | 'listener', text: string): string {
    const lawful = text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'unnamed';
    for (let count = 1; ; count += 1) {
      const suffix = count === 1 ? '' : `-${count}`;
      const name = lawful.slice(0, NAME_LENGTH_MAX - suffix.length) + suffix;
      if (this.#names[kind].has(name)) continue;
      this.#names[kind].add(name);
      return name;
    }
  }

  /** A duration as the configuration writes it; one that is out of range becomes the nearest within, and that is said. */
  duration(place: Place, durationMs: number, [minMs, maxMs]: readonly [number, number]): string {
    const takenMs = within(durationMs, minMs, maxMs);
    const text = formatDuration(takenMs);
    if (takenMs !== durationMs) this.note(place, `out of range: taken as ${text}`);
    return text;
  }

  /** As {@link duration}, for a whole number. */
  count(place: Place, count: number, [min, max]: readonly [number, number]): number {
    const taken = Math.round(within(count, min, max));
    if (taken !== count) this.note(place, `out of range: taken as ${taken}`);
    return taken;
  }
}

const within = (value: number, min: number, max: number): number =>
  Number.isNaN(value) ? min : Math.min(max, Math.max(min, value));
