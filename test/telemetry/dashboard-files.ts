import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/shared';
import type { DashboardFile } from '../../scripts/dashboards/dashboard.ts';

const FOLDER = fileURLToPath(new URL('../../infra/grafana/dashboards/', import.meta.url));

/** A dashboard as it is committed. */
export interface ReadDashboard {
  /** The name of its file without `.json`. */
  readonly file: string;
  readonly dashboard: DashboardFile;
}

export const readDashboards = (): readonly ReadDashboard[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      file: basename(name, '.json'),
      dashboard: JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as DashboardFile,
    }));

/** Something on a dashboard that has a place. Rows are panels, too. */
export type ReadPanel = NonNullable<DashboardFile['panels']>[number];

export const panelsOf = ({ dashboard }: ReadDashboard): readonly ReadPanel[] => dashboard.panels ?? [];

/** The panels that show something. */
export const shownPanelsOf = (read: ReadDashboard) => panelsOf(read).filter(isShown);

const isShown = (panel: ReadPanel): panel is Exclude<ReadPanel, { type: 'row' }> => panel.type !== 'row';

/** What a dashboard asks of Prometheus. */
export interface PanelQuery {
  /** For the reader of a failed test. */
  readonly where: string;
  readonly expr: string;
  /** How the series are called, with labels in double braces; of a table with those of its columns. */
  readonly legend: string;
}

/** The labels that a table has columns for, in double braces. The other columns are values. */
const labelsShownBy = ({ id, options }: { id: string; options: unknown }): readonly string[] =>
  id === 'organize'
    ? Object.keys((options as { renameByName: object }).renameByName)
        .filter((name) => !name.startsWith('Value'))
        .map((name) => `{{${name}}}`)
    : [];

/** Every query of every panel, and those of the annotations. */
export function queriesOf(read: ReadDashboard): readonly PanelQuery[] {
  const panels = shownPanelsOf(read).flatMap(({ title, targets = [], transformations = [] }) => {
    const columns = transformations.flatMap(labelsShownBy).join(' ');
    return targets.map(({ expr, legendFormat }) => ({
      where: `${read.file}: ${title}`,
      expr: String(expr),
      legend: `${String(legendFormat)} ${columns}`,
    }));
  });
  const annotations = (read.dashboard.annotations?.list ?? []).map((annotation) => ({
    where: `${read.file}: ${annotation.name}`,
    expr: String((annotation.target as { expr?: string } | undefined)?.expr),
    legend: String((annotation as { titleFormat?: string }).titleFormat),
  }));
  return [...panels, ...annotations];
}

/** The values of a variable that is asked of Prometheus: of which series, and which of their labels. */
export interface VariableQuery {
  readonly where: string;
  readonly series: string;
  readonly label: string;
}

export const variableQueriesOf = ({ file, dashboard }: ReadDashboard): readonly VariableQuery[] =>
  (dashboard.templating?.list ?? [])
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => {
      const text = String((query as { query?: string }).query);
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      return { where: `${file}: $${name}`, series, label };
    });

/** Puts values where variables are, `$name` or `${name:format}`, as Grafana does. */
export function fillVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\{([a-z_][\w.]*)(?::\w+)?\}|([a-z_]\w*))/g, (found, braced, bare) => {
    const value = values[braced ?? bare];
    if (value === undefined)
      throw new HoldfastError('INTERNAL', `nobody knows the variable ${found} in ${text}`);
    return value;
  });
}
