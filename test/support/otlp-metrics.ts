import protobuf from 'protobufjs';

/** As much of OTLP as metrics take (opentelemetry-proto 1.x: metrics.proto, common.proto, resource.proto). */
const PROTO = `
  syntax = "proto3";
  message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Scope { string name = 1; string version = 2; }
  message Metric {
    string name = 1;
    string description = 2;
    string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
  message NumberDataPoint {
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated KeyValue attributes = 7;
  }
  message HistogramDataPoint {
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
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

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A number, or the count of a histogram. */
export interface ReceivedPoint {
  readonly attributes: Attributes;
  readonly value: number;
  /** Of a histogram only. */
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
  readonly startMs: number;
  readonly timeMs: number;
}

/** A metric as it arrived. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter' | 'up-down-counter' | 'histogram';
  /** Whether it counts since the beginning, and not since the push before. */
  readonly isCumulative: boolean;
  readonly points: readonly ReceivedPoint[];
  readonly resource: Attributes;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface DataPoint {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: number;
  readonly timeUnixNano: number;
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly count?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}

interface Data {
  readonly dataPoints: readonly DataPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface Message {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly ({ readonly name: string; readonly unit: string } & Readonly<
        Partial<Record<'gauge' | 'sum' | 'histogram', Data>>
      >)[];
    }[];
  }[];
}

const CUMULATIVE = 2;
const NANOSECONDS_PER_MS = 1e6;

/** The metrics of one push. Throws where the bytes are none. */
export function readMetrics(body: Uint8Array): readonly ReceivedMetric[] {
  const decoded = MESSAGE.toObject(MESSAGE.decode(body), { longs: Number, arrays: true, defaults: false });
  return (decoded as Message).resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ name, unit = '', gauge, sum, histogram }) => {
        const data = (gauge ?? sum ?? histogram) as Data;
        return {
          name,
          unit,
          kind: gauge ? 'gauge' : histogram ? 'histogram' : sum?.isMonotonic ? 'counter' : 'up-down-counter',
          isCumulative: gauge !== undefined || data.aggregationTemporality === CUMULATIVE,
          points: data.dataPoints.map(pointOf),
          resource: attributesOf(resource.attributes),
        } as const;
      }),
    ),
  );
}

const pointOf = (point: DataPoint): ReceivedPoint => ({
  attributes: attributesOf(point.attributes),
  value: point.asDouble ?? point.asInt ?? point.count ?? 0,
  bucketCounts: point.bucketCounts ?? [],
  bounds: point.explicitBounds ?? [],
  startMs: point.startTimeUnixNano / NANOSECONDS_PER_MS,
  timeMs: point.timeUnixNano / NANOSECONDS_PER_MS,
});

const attributesOf = (pairs: readonly KeyValue[]): Attributes =>
  Object.fromEntries(
    pairs.map(({ key, value }) => [key, Object.values(value)[0] as string | number | boolean]),
  );
