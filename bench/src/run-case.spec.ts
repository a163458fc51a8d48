import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALL_CASES, selectCases } from './cases/index.ts';
import { parseOptions } from './options.ts';
import { replaceSection } from './report/marked-section.ts';
import { sectionOf } from './run-case.ts';

const optionsOf = (...args: string[]) => {
  const options = parseOptions(args);
  if (options === 'help') throw new Error('no options');
  return options;
};

const readPage = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

describe('a case', () => {
  it('is chosen by its name, in the given order', () => {
    expect(selectCases(['tls', 'warm']).map(({ name }) => name)).toEqual(['tls', 'warm']);
    expect(selectCases(['all'])).toBe(ALL_CASES);
  });

  it('that nobody knows is refused with the names of all', () => {
    expect(() => selectCases(['cold'])).toThrow('unknown case "cold"; expected all or warm, new-session');
  });

  it('has a section of its own, in docs/benchmarks.md or the page that it names', () => {
    const sections = ALL_CASES.map((benchCase) => sectionOf(benchCase, optionsOf()));
    const missing = ALL_CASES.filter(({ page = 'docs/benchmarks.md' }, index) => {
      return replaceSection(readPage(page), sections[index]!, '') === undefined;
    });

    expect(new Set(sections).size).toBe(ALL_CASES.length);
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('that stands in README.md, too, has its section there', () => {
    const page = readPage('README.md');
    const sections = ALL_CASES.filter(({ inReadme }) => inReadme).map((benchCase) =>
      sectionOf(benchCase, optionsOf()),
    );

    expect(sections).toEqual(['bench-failover']);
    expect(sections.filter((section) => replaceSection(page, section, '') === undefined)).toEqual([]);
  });

  it('writes another section with an access log or another store', () => {
    const [warm] = selectCases(['warm']);
    const [newSession] = selectCases(['new-session']);

    expect(sectionOf(warm!, optionsOf())).toBe('bench');
    expect(sectionOf(warm!, optionsOf('--access-log', 'on'))).toBe('bench-access-log');
    expect(sectionOf(newSession!, optionsOf('--store', 'redis'))).toBe('bench-new-session-redis');
  });
});
