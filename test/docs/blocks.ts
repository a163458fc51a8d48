import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../architecture/source-file.ts';

/** A fenced block of a page. */
export interface Block {
  /** The page, by its path from the root. */
  readonly page: string;
  /** The line of the page on which the code begins. */
  readonly line: number;
  /** What the fence says that it is; empty where it says nothing. */
  readonly language: string;
  /** Without the indentation of its fence, with a newline at its end. */
  readonly code: string;
}

const FENCE = /^( *)(`{3,})([^\n`]*)\n([\s\S]*?)^\1\2 *$/gm;

/** The fenced blocks of a text, in their order. */
export function blocksIn(page: string, text: string): readonly Block[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const [, indent = '', , language = '', code = ''] = match;
    return {
      page,
      line: text.slice(0, match.index).split('\n').length + 1,
      language: language.trim(),
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
}

/** Pages with tests of their own, or that nobody types anything from. */
const ELSEWHERE = /^docs\/(?:adr|profiles|reference)\//;

const pagesBelow = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules') && !ELSEWHERE.test(path));

/** Every page whose blocks are run. */
export const PAGES: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...pagesBelow('docs'),
  ...pagesBelow('infra'),
].sort();

/** The blocks of a page of the repository. */
export const blocksOf = (page: string): readonly Block[] =>
  blocksIn(page, readFileSync(join(ROOT, page), 'utf8'));

/** Where a block is, for people. */
export const placeOf = ({ page, line }: Block): string => `${page}:${line}`;

const FILE_NAME = /^(?:<\?php\n)?(?:#|\/\/|;|<!--) ([\w./-]+\.[a-z]+)\b/;

/** The file that a block is to be, by the comment with which it begins; undefined where it says none. */
export const fileNameOf = ({ code }: Block): string | undefined => FILE_NAME.exec(code)?.[1];
