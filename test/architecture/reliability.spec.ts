import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './source-file.ts';

const PAGE = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8');
const [SCENARIOS = '', TESTS = ''] = PAGE.split('\n### Tests\n');
const SCENARIO = /^\| (\d{1,2}) +\| (.{20,}?) +\|$/gm;
const ROW = /^\| ([\d, ]+?) +\| (.{10,}?) +\| `(\S+\.spec\.ts)` +\|$/gm;

const described = [...SCENARIOS.matchAll(SCENARIO)].map(([, number]) => Number(number));
const rows = [...TESTS.matchAll(ROW)].map(([, numbers = '', title = '', file = '']) => ({
  numbers: numbers.split(', ').map(Number),
  title,
  file,
}));

const fromTo = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('docs/reliability.md', () => {
  it('describes every scenario, and names at least one test for each', () => {
    const wanted = [...fromTo(1, 16), ...fromTo(26, 40)];
    expect(described).toEqual(wanted);
    const shown = new Set(rows.flatMap(({ numbers }) => numbers));
    expect(wanted.filter((number) => !shown.has(number))).toEqual([]);
    expect([...shown].filter((number) => !wanted.includes(number))).toEqual([]);
  });

  it('names only tests that there are, by their titles', () => {
    const why =
      'readers look up there what shows a promise: change a row together with the title of its test';
    const lost = rows.filter(({ title, file }) => {
      const path = join(ROOT, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(`'${title}'`);
    });
    expect(lost, why).toEqual([]);
  });

  it('names every test whose title begins with the number of a scenario', () => {
    const files = new Set(rows.map(({ file }) => file).filter((file) => file.startsWith('test/faults/')));
    const titled = [...files].flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/'(R\d{1,2}: [^']+)'/g)].map(([, title]) => title),
    );
    expect(titled.length).toBeGreaterThan(5);
    expect(titled.filter((title) => !rows.some((row) => row.title === title))).toEqual([]);
  });
});
