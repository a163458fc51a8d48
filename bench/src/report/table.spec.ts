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

  it('has as many columns of words as it is told', () => {
    const table = formatTable(
      [
        ['what', 'aim', 'ms'],
        ['speed', 'fast', '9'],
      ],
      2,
    );

    expect(table.split('\n')).toEqual([
      '| what  | aim  |  ms |',
      '| ----- | ---- | --: |',
      '| speed | fast |   9 |',
    ]);
  });
});
