import type { Series } from '../rounds.ts';
import { type Spread, spreadOf } from './stats.ts';

/** A column of a case's table. */
export interface Column<Trial> {
  readonly heading: string;
  /** The cell of one contender, beside the contender that all are compared with, if it takes part. */
  cell(series: Series<Trial>, base: Series<Trial> | undefined): string;
}

/** A figure of one round. */
export type Figure<Trial> = (trial: Trial) => number;

/** Whom all are compared with where a case does not say otherwise. */
export const BASE = 'haproxy';

/** The median of a figure, with the least and the greatest. */
export const spreadColumn = <Trial>(
  heading: string,
  figure: Figure<Trial>,
  digits: number,
): Column<Trial> => ({
  heading,
  cell: ({ trials }) => formatSpread(spreadOf(trials.map(figure)), digits),
});

/** A figure divided by the base's in the same round, so that a machine that changes its speed cancels out. */
export const ratioColumn = <Trial>(figure: Figure<Trial>): Column<Trial> => ({
  heading: '÷ HAProxy',
  cell({ trials }, base) {
    if (base === undefined) return '';
    const ratios = trials.map((trial, round) => figure(trial) / figure(base.trials[round]!));
    return formatSpread(spreadOf(ratios), 2);
  },
});

/** By how much a figure is above the base's in the same round. */
export const differenceColumn = <Trial>(
  heading: string,
  figure: Figure<Trial>,
  digits: number,
): Column<Trial> => ({
  heading,
  cell({ trials }, base) {
    if (base === undefined) return '';
    const differences = trials.map((trial, round) => figure(trial) - figure(base.trials[round]!));
    return formatSpread(spreadOf(differences), digits);
  },
});

/** The medians of some figures in one cell. */
export const mediansColumn = <Trial>(
  heading: string,
  figures: readonly Figure<Trial>[],
  digits: number,
  separator = ' / ',
): Column<Trial> => ({
  heading,
  cell: ({ trials }) =>
    figures.map((figure) => fixed(spreadOf(trials.map(figure)).median, digits)).join(separator),
});

/** In how many of the rounds something was so. */
export const roundsColumn = <Trial>(heading: string, holds: (trial: Trial) => boolean): Column<Trial> => ({
  heading,
  cell({ trials }) {
    const count = trials.filter(holds).length;
    return count === trials.length ? 'yes' : `${count} of ${trials.length} rounds`;
  },
});

/** What went wrong over the whole run. */
export const conductColumns: readonly Column<unknown>[] = [
  { heading: 'errors', cell: ({ failed }) => fixed(failed, 0) },
  { heading: 'moved', cell: ({ moved }) => fixed(moved, 0) },
];

/** A number for a table: thousands apart, with so many digits after the point. */
export const fixed = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A median with the least and the greatest. */
export const formatSpread = ({ median, min, max }: Spread, digits: number): string =>
  `${fixed(median, digits)} (${fixed(min, digits)} to ${fixed(max, digits)})`;
