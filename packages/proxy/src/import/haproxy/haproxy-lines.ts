import type { Place } from '../draft.ts';

/** A line of a HAProxy configuration: its keyword as `name`, and the words behind it. */
export interface HaproxyLine extends Place {
  readonly args: readonly string[];
}

/** A section, such as a frontend, with its lines. */
export interface HaproxySection extends Place {
  readonly kind: string;
  /** What stands behind the kind: the name of the section, if it has one, and a `from`. */
  readonly args: readonly string[];
  readonly lines: readonly HaproxyLine[];
}

/** What stands in a text, or the line from which on it cannot be read. */
export type HaproxyText =
  | { readonly kind: 'sections'; readonly sections: readonly HaproxySection[] }
  | { readonly kind: 'unreadable'; readonly line: number; readonly name: string; readonly reason: string };

const SECTIONS: ReadonlySet<string> = new Set([
  'global',
  'defaults',
  'frontend',
  'backend',
  'listen',
  'peers',
  'resolvers',
  'userlist',
  'mailers',
  'program',
  'http-errors',
  'ring',
  'log-forward',
  'cache',
  'fcgi-app',
  'crt-store',
  'traces',
  'acme',
  'log-profile',
]);

/** Reads the sections of a HAProxy configuration, without knowing what their keywords mean. */
export function readHaproxy(text: string): HaproxyText {
  const sections: (HaproxySection & { readonly lines: HaproxyLine[] })[] = [];
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const words = wordsOf(written);
    const line = index + 1;
    if (words === undefined)
      return { kind: 'unreadable', line, name: written.trim().slice(0, 40), reason: UNENDED };
    const [name, ...args] = words;
    if (name === undefined) continue;
    const section = sections.at(-1);
    if (SECTIONS.has(name)) sections.push({ kind: name, name, line, args, lines: [] });
    else if (section !== undefined) section.lines.push({ name, line, args });
    else return { kind: 'unreadable', line, name: name.slice(0, 40), reason: OUTSIDE };
  }
  return { kind: 'sections', sections };
}

const UNENDED = 'expected the quote to end on the line, found none';
const OUTSIDE = 'expected a section, such as "backend NAME", before the first keyword';

/** The words of a line, quotes and escapes taken away; undefined where a quote does not end. */
function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at]!;
    if (sign === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      word = (word ?? '') + line[at]!;
    } else if (quote !== '') {
      if (sign === quote) quote = '';
      else word = (word ?? '') + sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (sign === '#') break;
    else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + sign;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}

/** The word behind a keyword among the arguments. */
export function behind(args: readonly string[], keyword: string): string | undefined {
  const at = args.indexOf(keyword);
  return at === -1 ? undefined : args[at + 1];
}
