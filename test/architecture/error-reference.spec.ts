import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { ROOT, sourceFiles } from './source-file.ts';

const ENTRY = /^### `([A-Z_]+)`\n+([\s\S]*?)(?=^#|(?![\s\S]))/gm;
const PAGE = readFileSync(join(ROOT, 'docs/reference/errors.md'), 'utf8');
const entries = [...PAGE.matchAll(ENTRY)].map(([, code = '', text = '']) => ({ code, text }));

describe('docs/reference/errors.md', () => {
  it('lists exactly the codes that there are, in their order', () => {
    const why =
      'operators look codes up there: add, rename or remove the entry with the code in packages/shared/src/errors.ts';
    expect(
      entries.map(({ code }) => code),
      why,
    ).toEqual(errorCodes);
  });

  it.each(entries)('says of $code what causes it and what to do next', ({ text }) => {
    expect(text).toMatch(/^\*\*Cause\*\*: .{30}/m);
    expect(text).toMatch(/^\*\*Next step\*\*: .{20}/m);
  });

  it('lists no code that nothing raises', () => {
    const program = sourceFiles('packages').filter(({ path }) => !path.endsWith('shared/src/errors.ts'));
    const idle = errorCodes.filter((code) => !program.some(({ text }) => text.includes(`'${code}'`)));
    expect(idle, 'a code that nothing raises is a promise that nobody keeps').toEqual([]);
  });
});
