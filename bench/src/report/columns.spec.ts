import { describe, expect, it } from 'vitest';
import type { Contender } from '../contenders/contender.ts';
import type { Series } from '../rounds.ts';
import { conductColumns, mediansColumn, ratioColumn, roundsColumn, spreadColumn } from './columns.ts';

const contender: Contender = {
  name: 'any',
  title: 'Any',
  programs: [],
  version: () => '1.0',
  launch: () => ({ files: {}, command: 'any', args: [] }),
};

const series = (trials: readonly number[]): Series<number> => ({
  contender,
  trials,
  moved: 2,
  failed: 1_000,
});

const itself = (trial: number): number => trial;

describe('a column', () => {
  it('of a figure has its median and its spread', () => {
    expect(spreadColumn('µs', itself, 1).cell(series([12, 1_024, 30]), undefined)).toBe(
      '30.0 (12.0 to 1,024.0)',
    );
  });

  it('of ratios compares in the same round, so that a slow half of the machine cancels out', () => {
    // The machine is twice as slow in the second round, and everything with it.
    expect(ratioColumn(itself).cell(series([12, 24]), series([10, 20]))).toBe('1.20 (1.20 to 1.20)');
  });

  it('of ratios is empty in a run without HAProxy', () => {
    expect(ratioColumn(itself).cell(series([12]), undefined)).toBe('');
  });

  it('of medians takes each over the rounds by itself', () => {
    const column = mediansColumn<number>('both', [itself, (trial) => 100 - trial], 0, ' + ');

    expect(column.cell(series([10, 20, 90]), undefined)).toBe('20 + 80');
  });

  it('of rounds says yes only for all of them', () => {
    const column = roundsColumn<number>('full', (trial) => trial > 10);

    expect(column.cell(series([20, 30]), undefined)).toBe('yes');
    expect(column.cell(series([20, 10]), undefined)).toBe('1 of 2 rounds');
  });

  it('of conduct counts errors before moved sessions', () => {
    expect(conductColumns.map((column) => column.cell(series([]), undefined))).toEqual(['1,000', '2']);
  });
});
