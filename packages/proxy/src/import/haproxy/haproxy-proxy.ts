import type { Place } from '../draft.ts';
import type { HaproxyLine, HaproxySection } from './haproxy-lines.ts';

/** A frontend, backend or listen section, and what the defaults before it add. */
export class HaproxyProxy implements Place {
  readonly line: number;
  readonly name: string;
  readonly kind: string;
  readonly key: string;
  readonly lines: readonly HaproxyLine[];
  readonly #defaults: readonly HaproxyLine[];

  constructor(section: HaproxySection, defaults: readonly HaproxyLine[]) {
    this.line = section.line;
    this.name = section.kind;
    this.kind = section.kind;
    this.key = section.args[0] ?? 'unnamed';
    this.lines = section.lines;
    this.#defaults = defaults;
  }

  /** The last line of a keyword, and of its first words where some are named, in the section or else its defaults. */
  last(name: string, ...words: readonly string[]): HaproxyLine | undefined {
    const isIt = (line: HaproxyLine): boolean =>
      line.name === name && words.every((word, index) => line.args[index] === word);
    return this.lines.findLast(isIt) ?? this.#defaults.findLast(isIt);
  }

  all(name: string): readonly HaproxyLine[] {
    return this.lines.filter((line) => line.name === name);
  }

  /** HAProxy takes `tcp` where none is said, which a piece of a configuration that speaks of cookies cannot mean. */
  get mode(): 'http' | 'tcp' {
    return this.last('mode')?.args[0] === 'tcp' ? 'tcp' : 'http';
  }
}

/** The proxies of a configuration; each has the defaults that stand before it. */
export function proxiesOf(sections: readonly HaproxySection[]): readonly HaproxyProxy[] {
  let defaults: readonly HaproxyLine[] = [];
  return sections.flatMap((section) => {
    if (section.kind === 'defaults') defaults = section.lines;
    return PROXIES.has(section.kind) ? [new HaproxyProxy(section, defaults)] : [];
  });
}

const PROXIES: ReadonlySet<string> = new Set(['frontend', 'backend', 'listen']);
