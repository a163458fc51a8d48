import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, errorCodes, HoldfastError } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { respondWithError } from '../../packages/proxy/src/forward/error-response.ts';
import { TestExchange } from '../../packages/proxy/src/testing/test-exchange.ts';
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

  const answered = entries.filter(({ text }) => /^Status (?!499)(?!.*on the admin listener)/.test(text));

  it.each(answered)(
    'names first the status with which a request is answered because of $code',
    ({ code, text }) => {
      const [, status] = /^Status (\d{3})/.exec(text) ?? [];
      const sent = respondWithError(
        new TestExchange(),
        new HoldfastError(code as ErrorCode, ''),
        'request-1',
      );
      expect(status).toBe(String(sent));
    },
  );

  it('lists no code that nothing raises', () => {
    const program = sourceFiles('packages').filter(({ path }) => !path.endsWith('shared/src/errors.ts'));
    const idle = errorCodes.filter((code) => !program.some(({ text }) => text.includes(`'${code}'`)));
    expect(idle, 'a code that nothing raises is a promise that nobody keeps').toEqual([]);
  });
});
