import { describe, expect, it } from 'vitest';
import { describeEnding, describeFinding, describeTitle } from './report.ts';

describe('the report of the story', () => {
  it('numbers the steps', () => {
    expect(describeTitle(2, 5, 'Every visit reaches the same endpoint')).toBe(
      '2/5 Every visit reaches the same endpoint\n',
    );
  });

  it('marks what was observed', () => {
    const home = { endpoint: 'shop/a', pinVersion: 1, items: 2 };
    expect(describeFinding({ kind: 'observed', what: 'all at shop/a.', home })).toBe(
      '    ✓ all at shop/a.\n',
    );
  });

  it('says what was expected beside what was seen, and how it came about', () => {
    const finding = {
      kind: 'missed',
      expected: 'versions: 2',
      seen: 'versions: 2, 3',
      trail: 'visit 1: shop/b',
    } as const;
    expect(describeFinding(finding)).toBe(
      '    ✗ expected versions: 2\n      but saw  versions: 2, 3\n      in turn  visit 1: shop/b\n',
    );
  });

  it('breaks long text at words, under itself, and loses none of it', () => {
    const words = Array.from({ length: 60 }, (_, index) => `word${index}`);
    const text = describeFinding({ kind: 'missed', expected: words.join(' '), seen: 'nothing' });
    const lines = text.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(96);
    expect(lines[1]).toMatch(/^ {15}word/);
    expect(text.match(/word\d+/g)).toEqual(words);
  });

  it('ends with how long the story took', () => {
    expect(describeEnding(5, 3_260)).toBe('\nAll 5 steps were observed, in 3.3 s.\n');
  });
});
