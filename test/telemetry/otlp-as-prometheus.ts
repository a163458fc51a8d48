import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';
import type { OtlpReceiver } from '../support/otlp-receiver.ts';

/** As much of OTLP as metrics of ours take (opentelemetry-proto 1.x: metrics.proto, common.proto, resource.proto). */
const PROTO = `
  syntax = "proto3";
  message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message Metric {
    string name = 1;
    string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
  message NumberDataPoint { oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated KeyValue attributes = 7; }
  message HistogramDataPoint {
    fixed64 count = 4;
    double sum = 5;
    repeated fixed64 bucket_counts = 6;
    repeated double explicit_bounds = 7;
    repeated KeyValue attributes = 9;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

const MESSAGE = protobuf.parse(PROTO).root.lookupType('ExportMetricsServiceRequest');

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface NumberPoint {
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly attributes?: readonly KeyValue[];
}

interface HistogramPoint {
  readonly count: number;
  readonly sum: number;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly attributes?: readonly KeyValue[];
}

interface OtlpMetric {
  readonly name: string;
  readonly unit?: string;
  readonly gauge?: { readonly dataPoints: readonly NumberPoint[] };
  readonly sum?: { readonly dataPoints: readonly NumberPoint[]; readonly isMonotonic?: boolean };
  readonly histogram?: { readonly dataPoints: readonly HistogramPoint[] };
}

interface Message {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

/** Units by the OpenTelemetry specification, Prometheus and OpenMetrics Compatibility; those that we have. */
const UNITS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' };

/** A metric's name as Prometheus' OTLP receiver makes it (UnderscoreEscapingWithSuffixes). */
function nameOf({ name, unit = '', gauge, sum }: OtlpMetric): string {
  const parts = name.split(/[^a-zA-Z0-9]+/);
  const unitWord = /^\{.*\}$/.test(unit) ? '' : (UNITS[unit] ?? (unit === '1' ? '' : unit));
  if (unitWord !== '' && !parts.includes(unitWord)) parts.push(unitWord);
  if (sum?.isMonotonic === true) parts.push('total');
  if (unit === '1' && gauge !== undefined) parts.push('ratio');
  return parts.join('_');
}

type Labels = Readonly<Record<string, string>>;

const labelsOf = (attributes: readonly KeyValue[] = []): Labels =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key.replaceAll(/[^a-zA-Z0-9]/g, '_'),
      String(Object.values(value)[0]),
    ]),
  );

const line = (name: string, labels: Labels, value: number): string =>
  `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
    .join(',')}} ${value}`;

function linesOf(metric: OtlpMetric, identity: Labels): readonly string[] {
  const name = nameOf(metric);
  const numbers = metric.gauge?.dataPoints ?? metric.sum?.dataPoints ?? [];
  return [
    ...numbers.map(({ attributes, asDouble, asInt }) =>
      line(name, { ...labelsOf(attributes), ...identity }, asDouble ?? asInt ?? Number.NaN),
    ),
    ...(metric.histogram?.dataPoints ?? []).flatMap((point) => {
      const labels = { ...labelsOf(point.attributes), ...identity };
      let count = 0;
      const buckets = point.bucketCounts.map((inBucket, index) => {
        count += inBucket;
        return line(
          `${name}_bucket`,
          { ...labels, le: String(point.explicitBounds[index] ?? '+Inf') },
          count,
        );
      });
      return [...buckets, line(`${name}_sum`, labels, point.sum), line(`${name}_count`, labels, point.count)];
    }),
  ];
}

/** What Prometheus' OTLP receiver would store of a push, as Prometheus scrapes: by which node, and the text. */
export function prometheusTextOf(push: Buffer): { readonly instance: string; readonly text: string } {
  const { resourceMetrics } = MESSAGE.toObject(MESSAGE.decode(push), {
    longs: Number,
    arrays: true,
  }) as Message;
  const texts = resourceMetrics.map(({ resource, scopeMetrics }) => {
    const { service_namespace, service_name = '', service_instance_id = '' } = labelsOf(resource.attributes);
    const job = service_namespace === undefined ? service_name : `${service_namespace}/${service_name}`;
    const identity = { job, instance: service_instance_id };
    const lines = scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap((metric) => linesOf(metric, identity));
    return { instance: service_instance_id, text: `${lines.join('\n')}\n` };
  });
  return { instance: texts[0]?.instance ?? '', text: texts.map(({ text }) => text).join('') };
}

/** Serves the latest push of each node to a Prometheus, which is to keep the labels (`honor_labels`). */
export async function serveLatestPushes({
  exports,
}: OtlpReceiver): Promise<{ readonly address: string; close(): void }> {
  const server = createServer((_, response) => {
    const latest = new Map(
      exports
        .filter(({ path }) => path === '/v1/metrics')
        .map(({ body }) => prometheusTextOf(body))
        .map(({ instance, text }) => [instance, text]),
    );
    response.setHeader('Content-Type', 'text/plain; version=0.0.4').end([...latest.values()].join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}
