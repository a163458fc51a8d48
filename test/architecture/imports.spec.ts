import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCycles } from './cycles.ts';
import { IMPORT_RULES } from './import-rules.ts';
import { fileOf, ROOT, type SourceFile, sourceFiles } from './source-file.ts';

const files = sourceFiles('packages');

const targetsOf = (file: SourceFile): readonly string[] =>
  file.imports.map((found) => fileOf(file, found) ?? found.specifier);

describe('imports', () => {
  for (const { name, why, files: about, except, forbidden } of IMPORT_RULES) {
    it(`obey the rule: ${name}`, () => {
      const violations = files
        .filter(({ path }) => about.test(path) && except?.test(path) !== true)
        .flatMap((file) =>
          targetsOf(file)
            .filter((target) => forbidden.test(target))
            .map((target) => `${file.path} imports ${target}`),
        );
      expect(violations, why).toEqual([]);
    });
  }

  it('have no rule that is about nothing any more', () => {
    const paths = files.map(({ path }) => path);
    const idle = IMPORT_RULES.filter(
      ({ files: about, except }) =>
        !paths.some((path) => about.test(path)) ||
        !(except === undefined || paths.some((path) => except.test(path))),
    );
    expect(idle.map(({ name }) => name)).toEqual([]);
  });

  it('never go in circles', () => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        file.imports.filter(({ isTypeOnly }) => !isTypeOnly).flatMap((found) => fileOf(file, found) ?? []),
      ]),
    );
    const why =
      'files in a circle can only be read, tested and replaced together: move what they share to a file of its own';
    expect(findCycles(graph), why).toEqual([]);
  });

  it('of infra do not exist: it is configuration', () => {
    const infra = existsSync(join(ROOT, 'infra')) ? sourceFiles('infra') : [];
    expect(
      infra.flatMap(({ path, imports }) => imports.map(({ specifier }) => `${path} imports ${specifier}`)),
    ).toEqual([]);
  });
});
