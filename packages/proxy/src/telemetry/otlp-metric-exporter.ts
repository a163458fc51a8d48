import type { EpochMs } from '@holdfast/shared';
import { type HrTime, ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { Metric } from './metric.ts';
import { findMetric } from './metric-catalogue.ts';
import type { MetricExporter } from './metric-push.ts';
import { type OtlpTransportOptions, otlpTransport } from './otlp-transport.ts';
import type { ResourceAttributes } from './resource.ts';
import { isHistogramPoint, type MetricPoints, type Point } from './snapshot.ts';
import { statePoints } from './states.ts';

/** The only file of metrics that knows OpenTelemetry's packages. Loaded where metrics are pushed. */

export interface OtlpMetricExporterOptions extends OtlpTransportOptions {
  readonly resource: ResourceAttributes;
  /** The release of the proxy. */
  readonly release: string;
}

/** Pushes metrics by OTLP over HTTP, in protobuf; counters and histograms since their beginning (cumulative). */
export function otlpMetricExporter(options: OtlpMetricExporterOptions): MetricExporter {
  const { url, headers, timeoutMs, release } = options;
  const { settings, abort } = otlpTransport(options, 'metrics');
  const exporter = new OTLPMetricExporter({
    ...{ url, headers: { ...headers }, timeoutMillis: timeoutMs },
    concurrencyLimit: settings.concurrencyLimit,
    httpAgentOptions: settings.agentFactory,
  });
  const resource = resourceFromAttributes(options.resource);
  const scope = { name: 'holdfast', version: release };
  return {
    export: (snapshot, atMs) =>
      new Promise((resolve, reject) => {
        const metrics = snapshot.flatMap((points) => dataOf(points, atMs));
        exporter.export({ resource, scopeMetrics: [{ scope, metrics }] }, ({ error }) =>
          error === undefined ? resolve() : reject(error),
        );
      }),
    abort,
    close: () => exporter.shutdown(),
  };
}

function dataOf({ name, points }: MetricPoints, atMs: EpochMs): readonly MetricData[] {
  const metric = findMetric(name);
  if (metric === undefined || points.length === 0) return [];
  const common = {
    descriptor: {
      name,
      description: metric.description,
      unit: metric.unit,
      valueType: metric.unit === 's' || metric.unit === '1' ? ValueType.DOUBLE : ValueType.INT,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (metric.kind === 'histogram')
    return [
      { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(metric, points, atMs) },
    ];
  const dataPoints = numbers(metric, points, atMs);
  if (metric.kind === 'gauge') return [{ ...common, dataPointType: DataPointType.GAUGE, dataPoints }];
  return [
    { ...common, dataPointType: DataPointType.SUM, isMonotonic: metric.kind === 'counter', dataPoints },
  ];
}

const numbers = (metric: Metric, points: readonly Point[], atMs: EpochMs): DataPoint<number>[] =>
  points
    .flatMap((point) => (isHistogramPoint(point) ? [] : statePoints(metric, point)))
    .map(({ attributes, value, sinceMs = atMs }) => ({
      attributes,
      value,
      startTime: hrTime(sinceMs),
      endTime: hrTime(atMs),
    }));

const histograms = (
  { buckets = [] }: Metric,
  points: readonly Point[],
  atMs: EpochMs,
): DataPoint<Histogram>[] =>
  points.filter(isHistogramPoint).map(({ attributes, counts, sum, sinceMs }) => ({
    attributes,
    value: {
      buckets: { boundaries: [...buckets], counts: [...counts] },
      sum,
      count: counts.reduce((total, count) => total + count, 0),
    },
    startTime: hrTime(sinceMs),
    endTime: hrTime(atMs),
  }));

const hrTime = (atMs: EpochMs): HrTime => [Math.floor(atMs / 1_000), Math.round(atMs % 1_000) * 1_000_000];
