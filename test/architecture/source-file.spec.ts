import { describe, expect, it } from 'vitest';
import { fileOf, readSource, sourceFiles } from './source-file.ts';

describe('a source file', () => {
  it('tells what it imports, in whatever form, and not what its comments and strings speak of', () => {
    const file = readSource(
      'packages/proxy/src/pool/example.ts',
      `// import './in-a-comment.ts'
      /** import './in-a-doc.ts' */
      import 'node:side-effect';
      import whole, { type A, b } from './values.ts';
      import type { C } from '../types.ts';
      export * from './everything.ts';
      export { d } from '@holdfast/shared';
      const words = "import './in-a-string.ts'";
      const late = await import('hono');`,
    );
    expect(file.imports).toEqual([
      { specifier: 'node:side-effect', isTypeOnly: false },
      { specifier: './values.ts', isTypeOnly: false },
      { specifier: '../types.ts', isTypeOnly: true },
      { specifier: './everything.ts', isTypeOnly: false },
      { specifier: '@holdfast/shared', isTypeOnly: false },
      { specifier: 'hono', isTypeOnly: false },
    ]);
    expect(file.imports.map((found) => fileOf(file, found))).toEqual([
      undefined,
      'packages/proxy/src/pool/values.ts',
      'packages/proxy/src/types.ts',
      'packages/proxy/src/pool/everything.ts',
      undefined,
      undefined,
    ]);
  });

  it('shows code without comments, strings and patterns, which may say anything', () => {
    const { code } = readSource(
      'x.ts',
      "const a = /['\"]/.test(b); // Date.now()\nlet c = 'Math.random()'; /* setTimeout */ later(Date.now);",
    );
    expect(code).toContain('later(Date.now)');
    expect(code.match(/Date|Math|setTimeout/g)).toEqual(['Date']);
  });

  it('is found for every package', () => {
    for (const name of ['shared', 'store', 'proxy']) {
      const files = sourceFiles(`packages/${name}/src`);
      expect(files.length, name).toBeGreaterThan(10);
      expect(files.filter(({ imports }) => imports.length > 0).length, name).toBeGreaterThan(5);
    }
  });
});
