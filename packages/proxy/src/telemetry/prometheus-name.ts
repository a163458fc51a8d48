import type { Metric } from './metric.ts';

/** Units as the names of Prometheus spell them. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'seconds'],
  ['By', 'bytes'],
]);

/**
 * The name of a metric in Prometheus, the same for what is scraped from a node and for what it pushes by OTLP: as the
 * OpenTelemetry specification translates (Prometheus and OpenMetrics compatibility, metric metadata). A histogram has series
 * with `_bucket`, `_sum` and `_count` behind that.
 */
export function prometheusName({ name, kind, unit }: Metric): string {
  const words = name.split(/[^A-Za-z0-9]+/);
  const suffix = UNITS.get(unit) ?? (unit === '1' && kind === 'gauge' ? 'ratio' : undefined);
  if (suffix !== undefined && !words.includes(suffix)) words.push(suffix);
  if (kind === 'counter') words.push('total');
  return words.join('_');
}

/** The name of an attribute as a label. */
export const prometheusLabel = (attribute: string): string => attribute.replaceAll(/[^A-Za-z0-9]/g, '_');
