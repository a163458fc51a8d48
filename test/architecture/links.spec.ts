import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, withoutCode } from './markdown.ts';
import { ROOT } from './source-file.ts';

const isOurs = (path: string): boolean => !/(?:^|\/)(?:node_modules|\.[^/]+)(?:\/|$)/.test(path);

/** Every file of the repository that people write, by its path from the root. */
const files = readdirSync(ROOT, { withFileTypes: true })
  .filter(({ name }) => isOurs(name))
  .flatMap((entry) => (entry.isDirectory() ? filesBelow(entry.name) : [entry.name]));

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => isOurs(name))
    .map((entry) => ({ entry, path: join(folder, entry.name) }))
    .flatMap(({ entry, path }) => (entry.isDirectory() ? filesBelow(path) : [path]));
}

const pages = files
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** Where a link leads that does not leave the repository; undefined if it leads nowhere. */
function destinationOf(page: string, link: string): string | undefined {
  const [file = '', anchor] = link.split('#', 2);
  const path = file === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), file));
  if (!existsSync(join(ROOT, path))) return undefined;
  if (anchor === undefined) return path;
  return anchorsOf(readFileSync(join(ROOT, path), 'utf8')).includes(anchor) ? link : undefined;
}

/** A source file as prose names it: `pool/pool.ts`, or `pool.ts` alone. */
const NAMED_FILE = /`([\w./-]+\.(?:ts|lua|mjs))`/g;

describe('the documents', () => {
  it('link to files and headings that there are', () => {
    expect(pages.length).toBeGreaterThan(20);
    const links = pages.flatMap(({ path, text }) => linksOf(text).map((link) => ({ path, link })));
    expect(links.length).toBeGreaterThan(50);
    const broken = links.filter(({ path, link }) => destinationOf(path, link) === undefined);
    expect(broken.map(({ path, link }) => `${path}: ${link}`)).toEqual([]);
  });

  it('name source files that there are', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(NAMED_FILE)].map(([, name = '']) => ({ path, name })),
    );
    expect(named.length).toBeGreaterThan(50);
    const gone = named.filter(({ name }) => !files.some((file) => `/${file}`.endsWith(`/${name}`)));
    expect(gone.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
  });

  it('are all linked to from another one', () => {
    const reached = new Set(
      pages.flatMap(({ path, text }) =>
        linksOf(text)
          .map((link) => destinationOf(path, link.replace(/#.*/, '')))
          .filter((destination) => destination !== path),
      ),
    );
    const isReached = (path: string): boolean => reached.has(path) || reached.has(dirname(path));
    const lost = pages.map(({ path }) => path).filter((path) => path !== 'README.md' && !isReached(path));
    expect(lost, 'nobody finds a document that no other one links to').toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  const page = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');

  it.each(['shared', 'store', 'proxy'])('has a row for every folder of packages/%s/src', (name) => {
    const folders = readdirSync(join(ROOT, 'packages', name, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
      .map((entry) => `${entry.name}/`);
    const [, section = ''] = page.split('\n## The folders\n');
    const [, rows = ''] = section.split(`\n### packages/${name}/src\n`);
    const [table = ''] = rows.split(/\n#{2,3} /);
    const named = [...table.matchAll(/^\| `(\w[\w-]*\/)`/gm)].map(([, folder]) => folder);
    expect(named.sort(), 'a folder that the map does not show is a folder that nobody finds').toEqual(
      folders.sort(),
    );
  });
});
