import type { DataTransformerConfig, FieldConfig, Panel, Threshold, ValueMap } from '@grafana/schema';
import type { AsJson } from './as-json.ts';
import { placeholder } from './placeholder.ts';
import type { Query } from './query.ts';

/** Where a click on a value leads. */
export interface DataLink {
  readonly title: string;
  readonly url: string;
}

/** A panel without its place. */
export interface PanelPlan {
  readonly width: number;
  readonly height: number;
  readonly panel: AsJson<Omit<Panel, 'id' | 'gridPos'>>;
}

/** What every panel says, whatever it looks like. */
export interface PanelText {
  readonly title: string;
  /** What is seen, and what it means if it is not as usual. */
  readonly description: string;
  /** In columns, of which a row has 24. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** As Grafana names it: `reqps`, `s`, `percentunit`, `short`. */
  readonly unit: string;
  readonly links?: readonly DataLink[];
  /** What is shown while there is no series. */
  readonly noValue?: string;
}

/** A value from which on something has another colour; the first one has none. */
export type Steps = readonly [color: string, ...(readonly [from: number, color: string])[]];

/** Words and colours for the values 0, 1, 2 and so on. */
export type States = readonly (readonly [word: string, color: string])[];

export const PROMETHEUS = { type: 'prometheus', uid: placeholder('datasource') } as const;

/** How a query is asked: over the whole time, or for the last moment of it. */
type Asked = 'range' | 'instant' | 'table';

export function planPanel(
  type: string,
  { title, description, width, queries, unit, links, noValue }: PanelText,
  height: number,
  looks: {
    readonly asked?: Asked;
    readonly defaults?: AsJson<FieldConfig>;
    readonly options: Record<string, unknown>;
    readonly overrides?: NonNullable<AsJson<Panel>['fieldConfig']>['overrides'];
    readonly transformations?: AsJson<DataTransformerConfig>[];
  },
): PanelPlan {
  const { asked = 'range', defaults, options, overrides = [], transformations } = looks;
  return {
    width,
    height,
    panel: {
      type,
      title,
      description,
      datasource: PROMETHEUS,
      targets: queries.map((each, index) => targetOf(each, index, asked)),
      fieldConfig: {
        defaults: {
          unit,
          ...(noValue === undefined ? {} : { noValue }),
          ...(links === undefined
            ? {}
            : { links: links.map((link) => ({ ...link, targetBlank: link.url.startsWith('/explore') })) }),
          ...defaults,
        },
        overrides,
      },
      options,
      ...(transformations === undefined ? {} : { transformations }),
    },
  };
}

const targetOf = ({ expr, legend }: Query, index: number, asked: Asked) => ({
  refId: String.fromCharCode('A'.charCodeAt(0) + index),
  datasource: PROMETHEUS,
  expr,
  legendFormat: legend,
  editorMode: 'code',
  range: asked === 'range',
  instant: asked !== 'range',
  ...(asked === 'table' ? { format: 'table' } : {}),
});

export const thresholds = (
  [first, ...rest]: Steps = ['text'],
): { mode: 'absolute'; steps: AsJson<Threshold>[] } => ({
  mode: 'absolute',
  steps: [{ color: first, value: null }, ...rest.map(([value, color]) => ({ color, value }))],
});

export const mappings = (states: States): AsJson<ValueMap>[] => [
  {
    type: 'value',
    options: Object.fromEntries(
      states.map(([text, color], index) => [String(index), { text, color, index }]),
    ),
  },
];
