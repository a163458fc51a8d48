import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './source-file.ts';

const [PROMISES = '', TESTS = ''] = readFileSync(
  join(ROOT, 'docs/reference/http-conformance.md'),
  'utf8',
).split('\n## Tests\n');
const IDENTIFIERS = String.raw`(?:[CHSL]\d|\d\d)(?:, (?:[CHSL]\d|\d\d))*`;
const PROMISE = /^\| ([CHSL]\d|\d\d) +\| (.{20,}?) +\|$/gm;
const ROW = new RegExp(String.raw`^\| (${IDENTIFIERS}) +\| (.+?) +\| \x60(test/\S+)\x60 +\|$`, 'gm');
const TITLE = new RegExp(String.raw`(?<=[(\s])'(${IDENTIFIERS}): ((?:[^'\\]|\\.)+)'`, 'g');

const promised = [...PROMISES.matchAll(PROMISE)].map(([, id = '']) => id);
const listed = [...TESTS.matchAll(ROW)].map(([, ids, title, file]) => `${file}: ${ids}: ${title}`);

/** The titles of tests that begin with identifiers, each with its file, of all tests with real processes. */
const titled = ['clients', 'e2e', 'faults', 'fuzz', 'protocol'].flatMap((folder) =>
  readdirSync(join(ROOT, 'test', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.spec.ts'))
    .map((name) => `test/${folder}/${name}`)
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)].map(
        ([, ids, title]) => `${file}: ${ids}: ${title}`,
      ),
    ),
);

describe('docs/reference/http-conformance.md', () => {
  it('lists exactly the tests whose titles begin with an identifier', () => {
    const why =
      'readers look up there what shows a promise: change a row together with the title of its test';
    expect([...listed].sort(), why).toEqual([...titled].sort());
  });

  it('promises nothing that no test shows, and shows nothing that is not promised', () => {
    const shown = new Set(listed.flatMap((row) => row.split(': ', 2)[1]?.split(', ') ?? []));
    expect(promised.filter((id) => !shown.has(id))).toEqual([]);
    expect([...shown].filter((id) => !promised.includes(id))).toEqual([]);
    expect(promised.length).toBe(new Set(promised).size);
  });
});
