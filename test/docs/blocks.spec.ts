import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEndpoints } from '@holdfast/shared/config';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../architecture/source-file.ts';
import { type Block, blocksIn, blocksOf, PAGES, placeOf } from './blocks.ts';
import { EXCEPTIONS, isException } from './exceptions.ts';
import { isScript } from './shell-script.ts';
import { alternativesIn, isConfig, problemsOf } from './whole-config.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-blocks-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** What a program says of a file with this text that it finds wrong; nothing where there is no such program. */
function checkedBy(command: readonly string[], name: string, text: string): readonly string[] {
  const file = join(dir, name);
  writeFileSync(file, text);
  const [program = '', ...args] = command;
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const { status, stderr, stdout } = spawnSync(program, [...args, file], { encoding: 'utf8', env });
  if (status === null) process.stderr.write(`\nno ${program}: what pages show for it is NOT CHECKED\n`);
  return status === 0 || status === null ? [] : [`${program}: ${stderr}${stdout}`];
}

/** YAML of another program: it can be read, and objects of Kubernetes say what they are. */
function otherYamlProblems(code: string): readonly string[] {
  return parseAllDocuments(code).flatMap((document) => {
    const value: unknown = document.toJS();
    const isObject = value !== null && typeof value === 'object';
    const lacksKind = isObject && 'apiVersion' in value !== 'kind' in value;
    return [...document.errors.map(String), ...(lacksKind ? ['apiVersion and kind belong together'] : [])];
  });
}

function yamlProblems(block: Block): readonly string[] {
  const { code, page } = block;
  if (code.startsWith('- {')) {
    const parsed = parseEndpoints(code, { file: page, kind: 'http', incarnationsAreProbed: false });
    return parsed.kind === 'problems' ? parsed.problems.map(({ message }) => message) : [];
  }
  if (isConfig(code)) return alternativesIn(code).flatMap((part) => problemsOf(page, part));
  return otherYamlProblems(code);
}

function jsonProblems(code: string): readonly string[] {
  try {
    JSON.parse(code);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

const linesNotLike = (pattern: RegExp, code: string): readonly string[] =>
  code.split('\n').filter((line) => line !== '' && !pattern.test(line));

/** A server of nginx as pages show it, in a configuration that is whole. */
const aroundNginx = (code: string): string =>
  `pid ${dir}/nginx.pid;\nevents {}\nhttp {\n${code}\n}\n`.replaceAll(/^\s*sticky .*$/gm, '');

/** How each language is checked where it stands. What is not here is run, type-checked by another spec, or refused. */
const CHECKS: Readonly<Record<string, (block: Block) => readonly string[]>> = {
  yaml: yamlProblems,
  json: ({ code }) => jsonProblems(code),
  js: ({ code }) => checkedBy([process.execPath, '--check'], 'block.mjs', code),
  php: ({ code }) => checkedBy(['php', '-l'], 'block.php', code),
  nginx: ({ code }) =>
    checkedBy(['nginx', '-t', '-q', '-e', 'stderr', '-c'], 'nginx.conf', aroundNginx(code)),
  haproxy: ({ code }) => checkedBy(['haproxy', '-c', '-q', '-f'], 'haproxy.cfg', code),
  http: ({ code }) => linesNotLike(/^(?:[A-Z]+ \S+ HTTP\/|HTTP\/|[\w-]+: )/, code),
  ini: ({ code }) => linesNotLike(/^(?:[;#]|\[[\w.-]+\]$|[\w.-]+ ?= ?)/, code),
};

/** What stands for nothing that a program reads, and programs, which other specs run and type-check. */
const ELSEWHERE = ['text', 'ts'];

/** What is wrong with a block where it stands. */
function problemsWith(block: Block): readonly string[] {
  const { language } = block;
  if (isException(block) || ELSEWHERE.includes(language)) return [];
  const check = CHECKS[language];
  if (check === undefined) return isScript(block) ? [] : [`nothing runs or checks "${language}"`];
  return check(block);
}

const complaints = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => problemsWith(block).map((problem) => `${placeOf(block)}: ${problem}`));

describe('the blocks of the pages', () => {
  it.each(PAGES)('%s: each of them can be read as what it is said to be', (page) => {
    expect(complaints(blocksOf(page))).toEqual([]);
  });

  it('are run where they stand, but for few exceptions that there are', () => {
    const blocks = PAGES.flatMap(blocksOf);
    expect(blocks.length).toBeGreaterThan(60);
    const needless = EXCEPTIONS.filter(
      ({ page, begins }) => !blocks.some((block) => block.page === page && block.code.startsWith(begins)),
    );
    expect(needless, 'an exception that nothing is an exception by').toEqual([]);
    expect(blocks.filter(isException).length).toBeLessThan(blocks.length / 8);
    const named = EXCEPTIONS.flatMap(({ why }) => /[\w/.-]+\.spec\.ts/.exec(why)?.[0] ?? []);
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

it('docs/README.md lists every guide and every reference', () => {
  const list = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const pages = ['guides', 'reference'].flatMap((folder) =>
    readdirSync(join(ROOT, 'docs', folder)).map((name) => `${folder}/${name}`),
  );
  expect(pages.filter((page) => !list.includes(`](${page})`))).toEqual([]);
});

describe('the check of blocks', () => {
  it.each([
    { name: 'a key that there is not', text: '```yaml\npools:\n  - { name: shop, endpoint: [] }\n```\n' },
    { name: 'a value that is none', text: '```yaml\naffinity: { type: cookies }\n```\n' },
    {
      name: 'the second of two alternatives',
      text: '```yaml\nbalance: random-two\nbalance: at-random\n```\n',
    },
    { name: 'an endpoint of a list', text: '```yaml\n- { id: shop-1, address: 10.0.0.1 }\n```\n' },
    { name: 'an object without a kind', text: '```yaml\napiVersion: v1\nmetadata: {}\n```\n' },
    { name: 'JSON that ends early', text: '```json\n{ "a": 1\n```\n' },
    { name: 'a program that ends early', text: '```js\nconst x = (\n```\n' },
    { name: 'a language that nobody knows', text: '```cobol\nSTOP RUN.\n```\n' },
    { name: 'no language', text: '```\n$ ls\n```\n' },
    { name: 'a block within a list', text: '- so:\n\n  ```json\n  { "a": 1\n  ```\n' },
  ])('complains of $name', ({ text }) => {
    expect(complaints(blocksIn('page.md', text))).not.toEqual([]);
  });

  it('reads a block as it stands, its indentation taken away', () => {
    const [block] = blocksIn('page.md', 'One\n\n- two:\n\n  ```yaml\n  a:\n    b: 1\n  ```\n');
    expect(block).toEqual({ page: 'page.md', line: 6, language: 'yaml', code: 'a:\n  b: 1\n' });
    expect(parse(block?.code ?? '')).toEqual({ a: { b: 1 } });
  });
});
