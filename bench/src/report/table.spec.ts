import { describe, expect, it } from 'vitest';
import { formatTable } from './table.ts';

describe('a table', () => {
  it('is Markdown whose columns line up in a terminal, words to the left and figures to the right', () => {
    const table = formatTable([
      ['proxy', 'µs'],
      ['a', '9.5'],
      ['longer', '10.25'],
    ]);

    expect(table.split('\n')).toEqual([
      '| proxy  |    µs |',
      '| ------ | ----: |',
      '| a      |   9.5 |',
      '| longer | 10.25 |',
    ]);
  });
});
