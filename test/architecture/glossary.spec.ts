import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, sourceFiles } from './source-file.ts';

/** Words that mean something else where they stand: what Node, Hono, HTTP, Redis or SQLite call their own things, and a round trip. */
const WORDS_OF_OTHERS: ReadonlySet<string> = new Set([
  'algorithm',
  'binding',
  'cluster',
  'consumer',
  'context',
  'database',
  'disabled',
  'driver',
  'failover',
  'group',
  'host',
  'instance',
  'mapping',
  'peer',
  'persistence',
  'refresh',
  'replica',
  'rule',
  'server',
  'status',
  'strategy',
  'target',
  'timeout',
  'token',
  'transaction',
  'trip',
  'ttl',
  'upstream',
  'user',
]);

/** What reads the words of other systems speaks their language. */
const TRANSLATORS = /^packages\/(?:proxy\/src\/import|shared\/src\/profiles)\//;

const glossary = readFileSync(join(ROOT, 'docs/GLOSSARY.md'), 'utf8');

/** The words of all _Not:_ lists; of `persistence, which is what disks do` the word alone. */
const unwanted = [...glossary.matchAll(/[*_]Not:[*_] ([^.|]+)\./g)].flatMap(([, list = '']) =>
  list.split(', ').filter((word) => !/^(?:which|alone)\b/.test(word)),
);

const forbidden = unwanted
  .map((word) => word.replace(/ alone$/, '').toLowerCase())
  .filter((word) => !WORDS_OF_OTHERS.has(word));

/** `backendPool` and `BackendPool` speak of a backend as much as a comment does. */
const inWords = (text: string): string => text.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();

describe('docs/GLOSSARY.md', () => {
  it('has words that are not used, and they are not', () => {
    expect(forbidden.length).toBeGreaterThan(15);
    const pattern = new RegExp(`\\b(?:${forbidden.join('|')})s?\\b`, 'g');
    const files = sourceFiles('packages').filter(({ path }) => !TRANSLATORS.test(path));
    const uses = files.flatMap(({ path, text }) =>
      inWords(text)
        .split('\n')
        .flatMap((line) =>
          [...line.matchAll(pattern)].map(([word]) => `${path}: "${word}" in ${line.trim()}`),
        ),
    );
    expect(uses, 'the glossary names the word that is used instead').toEqual([]);
  });
});
