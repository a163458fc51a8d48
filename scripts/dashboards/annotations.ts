import type { AnnotationContainer, AnnotationQuery } from '@grafana/schema';
import type { AsJson } from './as-json.ts';
import { PROMETHEUS } from './panel.ts';
import { HERE, query } from './query.ts';

/** What has happened, shown across all panels: where a line turns, one sees why. The expression is 1 while it holds. */
function happening(name: string, iconColor: string, title: string, expr: string): AsJson<AnnotationQuery> {
  const target = { refId: 'Anno', expr: query('', expr).expr, interval: '', legendFormat: '' };
  // Grafana's types leave out what only Prometheus' annotations have.
  return Object.assign(
    { name, datasource: PROMETHEUS, enable: true, iconColor, target },
    { titleFormat: title, textFormat: '', useValueForTime: false },
  );
}

export const annotations: AsJson<AnnotationContainer> = {
  list: [
    happening(
      'Endpoints out of service',
      'red',
      '{{holdfast_endpoint}} is out of service',
      `max by (holdfast_endpoint) (holdfast_endpoint_up{${HERE}}) == bool 0`,
    ),
    happening(
      'Session map away',
      'orange',
      '{{instance}} goes on without the session map',
      `max by (instance) (holdfast_store_available{${HERE}}) == bool 0`,
    ),
    happening(
      'Reloads',
      'blue',
      '{{instance}} has reloaded its configuration',
      `max by (instance) (changes(holdfast_config_reloads_total{${HERE}}[$__rate_interval])) > bool 0`,
    ),
  ],
};
