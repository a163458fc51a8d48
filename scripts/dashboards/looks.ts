import type { FieldConfig } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as StateTimelineOptions } from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type {
  Options as TimeSeriesOptions,
  FieldConfig as TimeSeriesStyle,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { AsJson } from './as-json.ts';
import {
  mappings,
  type PanelPlan,
  type PanelText,
  planPanel,
  type States,
  type Steps,
  thresholds,
} from './panel.ts';

const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;

/** One number, as it is now. */
export function stat(
  text: PanelText & { readonly steps?: Steps; readonly states?: States; readonly decimals?: number },
): PanelPlan {
  const { steps, states, decimals } = text;
  const defaults: AsJson<FieldConfig> = {
    color: { mode: 'thresholds' },
    thresholds: thresholds(steps),
    ...(states === undefined ? {} : { mappings: mappings(states) }),
    ...(decimals === undefined ? {} : { decimals }),
  };
  const options: AsJson<StatOptions> = {
    colorMode: steps === undefined && states === undefined ? 'none' : 'background',
    graphMode: 'none',
    justifyMode: 'center',
    orientation: 'auto',
    percentChangeColorMode: 'standard',
    showPercentChange: false,
    textMode: 'value',
    wideLayout: true,
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  };
  return planPanel('stat', text, STAT_HEIGHT, { asked: 'instant', defaults, options: { ...options } });
}

/** Lines over time; stacked where they are parts of one whole. */
export function graph(
  text: PanelText & {
    readonly stacked?: 'sum' | 'shares';
    readonly steps?: Steps;
    readonly min?: number;
    readonly max?: number;
  },
): PanelPlan {
  const { stacked, steps, min = 0, max } = text;
  const custom: AsJson<TimeSeriesStyle> = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked === undefined ? 8 : 40,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: stacked === undefined ? 'none' : stacked === 'sum' ? 'normal' : 'percent', group: 'A' },
    thresholdsStyle: { mode: steps === undefined ? 'off' : 'dashed' },
  };
  const defaults: AsJson<FieldConfig> = {
    color: { mode: 'palette-classic-by-name' },
    thresholds: thresholds(steps),
    custom: { ...custom },
    min,
    ...(max === undefined ? {} : { max }),
  };
  const options: AsJson<TimeSeriesOptions> = {
    legend: { calcs: ['lastNotNull', 'max'], displayMode: 'table', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
  return planPanel('timeseries', text, GRAPH_HEIGHT, { defaults, options: { ...options } });
}

/** In which state something was when: a band for each series. */
export function timeline(
  text: Omit<PanelText, 'unit'> & { readonly states: States; readonly height?: number },
): PanelPlan {
  const { states, height = GRAPH_HEIGHT } = text;
  const defaults: AsJson<FieldConfig> = {
    color: { mode: 'thresholds' },
    thresholds: thresholds(['text']),
    mappings: mappings(states),
    custom: { fillOpacity: 80, lineWidth: 0 },
  };
  const options: AsJson<StateTimelineOptions> = {
    alignValue: 'left',
    legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
    mergeValues: true,
    rowHeight: 0.85,
    showValue: 'auto',
    tooltip: { mode: 'single', sort: 'none' },
  };
  return planPanel('state-timeline', { ...text, unit: 'none' }, height, {
    defaults,
    options: { ...options },
  });
}

/** What a column of a table is called and how it is shown. */
export interface Column {
  /** The label of the series, or the `legend` of the query whose value it is. */
  readonly of: string;
  readonly title: string;
  readonly unit?: string;
  readonly states?: States;
}

/** A row for each series, as it is now, with a column for each query; queries must have the same labels. */
export function table(text: Omit<PanelText, 'unit'> & { readonly columns: readonly Column[] }): PanelPlan {
  const { columns, queries } = text;
  // Grafana calls a value by the letter of its query.
  const nameOf = ({ of }: Column): string => {
    const index = queries.findIndex(({ legend }) => legend === of);
    if (index === -1) return of;
    return queries.length === 1 ? 'Value' : `Value #${String.fromCharCode('A'.charCodeAt(0) + index)}`;
  };
  const options: AsJson<TableOptions> = { frameIndex: 0, showHeader: true, cellHeight: 'sm' };
  return planPanel('table', { ...text, unit: 'short' }, GRAPH_HEIGHT, {
    asked: 'table',
    defaults: { custom: { align: 'auto', cellOptions: { type: 'auto' } } },
    options: { ...options },
    overrides: columns.map((column) => ({
      matcher: { id: 'byName', options: column.title },
      properties: [
        ...(column.unit === undefined ? [] : [{ id: 'unit', value: column.unit }]),
        ...(column.states === undefined
          ? []
          : [
              { id: 'mappings', value: mappings(column.states) },
              { id: 'custom.cellOptions', value: { type: 'color-text' } },
            ]),
      ],
    })),
    transformations: [
      ...(queries.length === 1 ? [] : [{ id: 'merge', options: {} }]),
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          includeByName: Object.fromEntries(columns.map((column) => [nameOf(column), true])),
          indexByName: Object.fromEntries(columns.map((column, index) => [nameOf(column), index])),
          renameByName: Object.fromEntries(columns.map((column) => [nameOf(column), column.title])),
        },
      },
    ],
  });
}
