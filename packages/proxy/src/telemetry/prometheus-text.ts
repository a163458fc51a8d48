import type { Metric } from './metric.ts';
import { METRICS } from './metric-catalogue.ts';
import { prometheusLabel, prometheusName } from './prometheus-name.ts';
import type { ResourceAttributes } from './resource.ts';
import { type Attributes, isHistogramPoint, type MetricsSnapshot, type Point } from './snapshot.ts';
import { statePoints } from './states.ts';

/** The media type of what {@link prometheusText} writes. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics as Prometheus reads them (text exposition format 0.0.4). Series bear their own attributes and nothing else; what is
 * said of the node is in `target_info`, as the OpenTelemetry specification has it.
 */
export function prometheusText(snapshot: MetricsSnapshot, resource: ResourceAttributes): string {
  const points = new Map(snapshot.map((metric) => [metric.name, metric.points]));
  const families = METRICS.map((metric) => familyOf(metric, points.get(metric.name) ?? []));
  return targetInfo(resource) + families.join('');
}

const TYPES = {
  counter: 'counter',
  gauge: 'gauge',
  'up-down-counter': 'gauge',
  histogram: 'histogram',
} as const;

function familyOf(metric: Metric, points: readonly Point[]): string {
  if (points.length === 0) return '';
  const name = prometheusName(metric);
  const lines = points.map((point) =>
    isHistogramPoint(point)
      ? histogramLines(name, metric.buckets ?? [], point)
      : statePoints(metric, point)
          .map(({ attributes, value }) => line(name, labelsOf(attributes), value))
          .join(''),
  );
  return headOf(name, metric.description, TYPES[metric.kind]) + lines.join('');
}

function histogramLines(
  name: string,
  buckets: readonly number[],
  { attributes, counts, sum }: Extract<Point, { counts: unknown }>,
): string {
  const labels = labelsOf(attributes);
  let count = 0;
  const lines = counts.map((inBucket, index) => {
    count += inBucket;
    return line(`${name}_bucket`, [...labels, `le="${buckets[index] ?? '+Inf'}"`], count);
  });
  return lines.join('') + line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, count);
}

const headOf = (name: string, help: string, type: string): string =>
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;

const line = (name: string, labels: readonly string[], value: number): string =>
  `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${value}\n`;

const labelsOf = (attributes: Attributes): readonly string[] =>
  Object.entries(attributes).map(([name, value]) => `${prometheusLabel(name)}="${escaped(String(value))}"`);

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const targetInfo = (resource: ResourceAttributes): string =>
  headOf('target_info', 'What is said of this node.', 'gauge') + line('target_info', labelsOf(resource), 1);
