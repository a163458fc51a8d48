import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../docs/whole-config.ts';
import { ROOT } from './source-file.ts';

const PAGES = 'docs/profiles';
const TESTS = 'test/profiles';

const ID = String.raw`[HFNAPCU]\d{1,2}`;
const STATEMENT = new RegExp(String.raw`^\| (${ID}) +\| (.{20,}?) +\| (\x60test/.+?) +\|$`, 'gm');
const TITLE = new RegExp(String.raw`(?<=[(\s])'(${ID}(?:, ${ID})*): (?:[^'\\]|\\.)+'`, 'g');

const page = readFileSync(join(ROOT, PAGES, 'README.md'), 'utf8');

/** The statements of the table, each with the files that its row names. */
const stated = new Map(
  [...page.matchAll(STATEMENT)].map(([, id = '', , files = '']) => [
    id,
    files.replaceAll('`', '').split(', '),
  ]),
);

/** The files whose tests begin with each identifier. */
const shown = new Map<string, Set<string>>();
for (const name of readdirSync(join(ROOT, TESTS)).filter((file) => file.endsWith('.spec.ts'))) {
  const text = readFileSync(join(ROOT, TESTS, name), 'utf8');
  for (const [, ids = ''] of text.matchAll(TITLE))
    for (const id of ids.split(', ')) shown.set(id, new Set([...(shown.get(id) ?? []), `${TESTS}/${name}`]));
}

const upTo = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

/** What the documents of the systems say, as far as it can be tested. */
const WANTED = [
  ...upTo('C', 11),
  ...upTo('H', 10),
  ...upTo('F', 6),
  ...upTo('N', 10),
  ...upTo('A', 10),
  ...upTo('P', 10),
];

describe('docs/profiles/README.md', () => {
  it('states everything that the documents of the systems say, and everything that a test shows', () => {
    expect(WANTED.filter((id) => !stated.has(id))).toEqual([]);
    expect([...shown.keys()].filter((id) => !stated.has(id))).toEqual([]);
  });

  it('names for each statement the files whose tests show it, and no other', () => {
    const why = 'change a row together with the title of its test';
    const listed = [...stated].map(([id, files]) => `${id}: ${[...files].sort()}`);
    const found = [...stated.keys()].map((id) => `${id}: ${[...(shown.get(id) ?? [])].sort()}`);
    expect(listed, why).toEqual(found);
  });
});

const BLOCK = /^```yaml\n([\s\S]*?)\n```$/gm;

/** What is Holdfast's configuration and not another system's. */
const IS_OURS = /^(?:listeners|pools|affinity):/m;

describe('the pages of the profiles', () => {
  const pages = readdirSync(join(ROOT, PAGES)).filter((name) => name.endsWith('.md'));

  it.each(pages)('%s shows only configuration that Holdfast takes', (name) => {
    const text = readFileSync(join(ROOT, PAGES, name), 'utf8');
    const parts = [...text.matchAll(BLOCK)]
      .flatMap(([, block = '']) => block.split(/\n(?=affinity:)/))
      .filter((part) => IS_OURS.test(part));
    expect(parts.length, 'a page without an example').toBeGreaterThan(0);
    const problems = parts.flatMap((part) => problemsOf(name, part));
    expect(problems).toEqual([]);
  });

  it.each(pages)('%s is reached from the list of profiles', (name) => {
    expect(existsSync(join(ROOT, PAGES, name))).toBe(true);
    if (name !== 'README.md') expect(page).toContain(`](${name})`);
  });
});
