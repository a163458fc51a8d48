import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceSection } from '../../bench/src/report/marked-section.ts';
import { ROOT } from '../architecture/source-file.ts';
import { SECTIONS } from './sections.ts';

describe('the reference pages', () => {
  it.each(SECTIONS)('$page says of its $name what the program does', ({ page, name, content }) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    expect(text, `"npm run docs" writes ${page} anew`).toBe(replaceSection(text, name, content()));
  });
});
