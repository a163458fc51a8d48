import type { Environment } from '../machine/environment.ts';
import type { Series } from '../rounds.ts';
import { BASE, type Column } from './columns.ts';
import { formatTable } from './table.ts';

/** What a report says beside its table. */
export interface ReportText {
  /** How it was measured, in a sentence. */
  readonly description: string;
  readonly notes: readonly string[];
  readonly environment: Environment;
  /** The contender with whom all are compared, by its name. Default: HAProxy. */
  readonly base?: string | undefined;
}

/** The report of a case as Markdown that also reads well in a terminal. */
export function formatReport<Trial>(
  columns: readonly Column<Trial>[],
  all: readonly Series<Trial>[],
  { description, notes, environment, base: baseName = BASE }: ReportText,
): string {
  const base = all.find(({ contender }) => contender.name === baseName);
  const rows = all.map((series) => [
    `${series.contender.title} (${series.contender.version()})`,
    ...columns.map((column) => column.cell(series, base)),
  ]);
  return [
    formatTable([['proxy', ...columns.map(({ heading }) => heading)], ...rows]),
    description,
    `${describeMachine(environment)}; wrk ${environment.wrk}.`,
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ].join('\n\n');
}

/** Where and when, and with what, in a line. */
export const describeMachine = ({ date, commit, cpu, kernel, node }: Environment): string =>
  `${date}, commit ${commit}; ${cpu}; ${kernel}; Node ${node}`;
