import { formatTable } from '../../bench/src/report/table.ts';
import type { Metric } from '../../packages/proxy/src/telemetry/metric.ts';
import { ATTRIBUTES, METRIC_GROUPS } from '../../packages/proxy/src/telemetry/metric-catalogue.ts';
import { prometheusLabel, prometheusName } from '../../packages/proxy/src/telemetry/prometheus-name.ts';

const MERGES: Readonly<Record<Metric['merge'], string>> = {
  sum: 'the sum',
  max: 'the largest',
  min: 'the smallest',
  first: 'that of the process that probes',
};

/** Every metric, group by group. */
export const metricTables = (): string =>
  METRIC_GROUPS.map(({ title, metrics }) => [`## ${title}`, ...metrics.map(sectionOf)].join('\n\n')).join(
    '\n\n',
  );

/** All attributes with what they mean. */
export function attributeTable(): string {
  const rows = Object.entries(ATTRIBUTES).map(([name, meaning]) => [
    `\`${name}\``,
    `\`${prometheusLabel(name)}\``,
    meaning,
  ]);
  return formatTable([['attribute', 'label in Prometheus', 'what it says'], ...rows], 3);
}

function sectionOf(metric: Metric): string {
  const { name, kind, unit, description, attributes, buckets, merge } = metric;
  const facts = [
    ['In Prometheus', `\`${prometheusName(metric)}\``],
    ['Kind', kind.replaceAll('-', ' ') + (unit === '' ? '' : `, unit \`${unit}\``)],
    ...(attributes.length === 0 ? [] : [['Attributes', attributes.map((each) => `\`${each}\``).join(', ')]]),
    ...(buckets === undefined ? [] : [['Buckets', buckets.join(', ')]]),
    ['Of several processes', MERGES[merge]],
  ];
  const list = facts.map(([what, is]) => `- ${what}: ${is}`).join('\n');
  return `### \`${name}\`\n\n${description}\n\n${list}`;
}
