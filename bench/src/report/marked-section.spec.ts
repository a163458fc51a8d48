import { describe, expect, it } from 'vitest';
import { replaceSection } from './marked-section.ts';

const page = [
  'Before.',
  '<!-- bench:begin -->',
  'old',
  '<!-- bench:end -->',
  'Between.',
  '<!-- bench-access-log:begin -->',
  'kept',
  '<!-- bench-access-log:end -->',
  '',
].join('\n');

describe('a marked section', () => {
  it('is replaced, and nothing around it', () => {
    const replaced = replaceSection(page, 'bench', 'new');

    expect(replaced).toBe(page.replace('\nold\n', '\n\nnew\n\n'));
  });

  it('keeps its content when the same is written again', () => {
    const once = replaceSection(page, 'bench', 'new')!;

    expect(replaceSection(once, 'bench', 'new')).toBe(once);
  });

  it.each([
    { name: 'neither marker', text: 'Before.' },
    { name: 'no end', text: '<!-- bench:begin -->' },
    { name: 'the end before the begin', text: '<!-- bench:end --><!-- bench:begin -->' },
  ])('is not found in a page with $name', ({ text }) => {
    expect(replaceSection(text, 'bench', 'new')).toBeUndefined();
  });
});
