import type { VariableModel } from '@grafana/schema';
import type { AsJson } from './as-json.ts';
import { PROMETHEUS } from './panel.ts';

/** What a reader may choose, from the top of every dashboard. */
export type VariableName = 'pool' | 'endpoint';

/** Refreshed when the time range changes; sorted as people count. */
const QUERIED = { type: 'query', datasource: PROMETHEUS, refresh: 2, sort: 7 } as const;

const ALL = {
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
} as const;

const asked = (expr: string) => ({ query: expr, refId: 'A', qryType: 1 });

const DATASOURCE: AsJson<VariableModel> = {
  name: 'datasource',
  label: 'Metrics',
  type: 'datasource',
  query: 'prometheus',
  current: { text: 'Prometheus', value: 'prometheus' },
};

const CLUSTER: AsJson<VariableModel> = {
  ...QUERIED,
  name: 'job',
  label: 'Cluster',
  description: 'The job that Prometheus scrapes, or the service.name that OTLP brings.',
  query: asked('label_values(holdfast_store_available, job)'),
};

const NODE: AsJson<VariableModel> = {
  ...QUERIED,
  ...ALL,
  name: 'node',
  label: 'Node',
  query: asked('label_values(holdfast_store_available{job="$job"}, instance)'),
};

const CHOSEN: Readonly<Record<VariableName, AsJson<VariableModel>>> = {
  pool: {
    ...QUERIED,
    ...ALL,
    name: 'pool',
    label: 'Pool',
    query: asked('label_values(holdfast_endpoint_up{job="$job"}, holdfast_pool)'),
  },
  endpoint: {
    ...QUERIED,
    ...ALL,
    name: 'endpoint',
    label: 'Endpoint',
    query: asked('label_values(holdfast_endpoint_up{job="$job",holdfast_pool=~"$pool"}, holdfast_endpoint)'),
  },
};

/** The variables of a dashboard: where to ask, of which cluster and nodes, and those that it names. */
export const variables = (names: readonly VariableName[]): AsJson<VariableModel>[] => [
  DATASOURCE,
  CLUSTER,
  NODE,
  ...names.map((name) => CHOSEN[name]),
];
