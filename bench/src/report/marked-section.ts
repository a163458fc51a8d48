import { readFileSync, writeFileSync } from 'node:fs';
import { BenchError } from '../bench-error.ts';

/**
 * Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` by `content`.
 * Undefined where `page` does not have the two, in this order.
 */
export function replaceSection(page: string, name: string, content: string): string | undefined {
  const begin = `<!-- ${name}:begin -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(`<!-- ${name}:end -->`, from);
  if (from === -1 || to === -1) return undefined;
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
}

/** Replaces the section in a file. Throws a {@link BenchError} where the file lacks its markers. */
export function writeSection(file: string, name: string, content: string): void {
  writeFileSync(file, replaceIn(file, name, content));
}

/** Throws a {@link BenchError} where a file lacks the markers of a section: better before a long run than after it. */
export const ensureSection = (file: string, name: string): void => void replaceIn(file, name, '');

function replaceIn(file: string, name: string, content: string): string {
  const page = replaceSection(readFileSync(file, 'utf8'), name, content);
  if (page === undefined) throw new BenchError(`${file} has no section "${name}"`);
  return page;
}
