import { haproxyWords } from '@holdfast/shared/profiles';
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
    const words = haproxyWords(written);
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

/** The word behind a keyword among the arguments. */
export function behind(args: readonly string[], keyword: string): string | undefined {
  const at = args.indexOf(keyword);
  return at === -1 ? undefined : args[at + 1];
}
