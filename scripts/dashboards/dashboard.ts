import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
import { annotations } from './annotations.ts';
import type { AsJson } from './as-json.ts';
import type { PanelPlan } from './panel.ts';
import { type VariableName, variables } from './variables.ts';

/** Panels under one heading, which is the question that they answer. */
export interface RowPlan {
  readonly title: string;
  readonly panels: readonly PanelPlan[];
}

export interface DashboardPlan {
  /** Also the name of its file, and what links lead to. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableName[];
  readonly rows: readonly RowPlan[];
}

export type DashboardFile = AsJson<Dashboard>;

const COLUMNS = 24;
const HEADING_HEIGHT = 1;
/** Of the dashboard format: that of Grafana 11 and later, which migrate it themselves. */
const SCHEMA_VERSION = 39;

/** A dashboard as it stands in its file. */
export const dashboardOf = (plan: DashboardPlan): DashboardFile => ({
  uid: plan.uid,
  title: plan.title,
  description: plan.description,
  tags: ['holdfast'],
  schemaVersion: SCHEMA_VERSION,
  editable: true,
  graphTooltip: 1,
  timezone: 'browser',
  refresh: '10s',
  time: { from: 'now-1h', to: 'now' },
  links: [
    {
      type: 'dashboards',
      title: 'Holdfast',
      icon: 'external link',
      tooltip: '',
      tags: ['holdfast'],
      asDropdown: false,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
    },
  ],
  annotations,
  templating: { list: variables(plan.variables) },
  panels: layOut(plan.rows),
});

/** Gives every panel its place, from left to right and from top to bottom, and a number of its own. */
function layOut(rows: readonly RowPlan[]): AsJson<Panel | RowPanel>[] {
  const placed: AsJson<Panel | RowPanel>[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const gridPos = { x: 0, y, w: COLUMNS, h: HEADING_HEIGHT };
    placed.push({ id: placed.length + 1, type: 'row', title, collapsed: false, gridPos, panels: [] });
    y += HEADING_HEIGHT;
    let x = 0;
    let lineHeight = 0;
    for (const { width, height, panel } of panels) {
      if (x + width > COLUMNS) {
        y += lineHeight;
        x = 0;
        lineHeight = 0;
      }
      placed.push({ id: placed.length + 1, gridPos: { x, y, w: width, h: height }, ...panel });
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return placed;
}
