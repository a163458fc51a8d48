import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem, parseConfig } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
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

/** A whole configuration around a part of one, as the pages show it: pools, or the affinity of one. */
function whole(part: string): string {
  if (/^listeners:/m.test(part)) return part;
  if (!/^pools:/m.test(part)) {
    const scheme = /source-ip|SOURCE_IP/.test(part) ? 'tcp' : 'http';
    const endpoints = `[{ url: "${scheme}://10.0.0.1:8080" }, { url: "${scheme}://10.0.0.2:8080" }]`;
    const indented = part.replaceAll(/^(?=.)/gm, '    ');
    return whole(`pools:\n  - name: shop\n    endpoints: ${endpoints}\n${indented}`);
  }
  const protocol = /(tcp|udp):\/\//.exec(part)?.[1] ?? 'http';
  const names = [...part.matchAll(/^ {2}- (?:\{ )?name: ([\w-]+)/gm)].map(([, name]) => name);
  const listeners = names.map(
    (pool, index) =>
      `  - { name: l${index}, listen: ":${8080 + index}", protocol: ${protocol}, pool: ${pool} }`,
  );
  const secrets = /^secrets:/m.test(part) ? '' : 'secrets: ["a secret of sixteen or more"]\n';
  return `${secrets}listeners:\n${listeners.join('\n')}\n${part}`;
}

describe('the pages of the profiles', () => {
  const pages = readdirSync(join(ROOT, PAGES)).filter((name) => name.endsWith('.md'));

  it.each(pages)('%s shows only configuration that Holdfast takes', (name) => {
    const text = readFileSync(join(ROOT, PAGES, name), 'utf8');
    const parts = [...text.matchAll(BLOCK)]
      .flatMap(([, block = '']) => block.split(/\n(?=affinity:)/))
      .filter((part) => IS_OURS.test(part));
    expect(parts.length, 'a page without an example').toBeGreaterThan(0);
    const problems = parts.flatMap((part) => {
      const parsed = parseConfig(whole(part), { file: name, environment: {} });
      return parsed.kind === 'problems'
        ? parsed.problems.map((each) => `${formatProblem(each)} in\n${part}`)
        : [];
    });
    expect(problems).toEqual([]);
  });

  it.each(pages)('%s is reached from the list of profiles', (name) => {
    expect(existsSync(join(ROOT, PAGES, name))).toBe(true);
    if (name !== 'README.md') expect(page).toContain(`](${name})`);
  });
});
