import protobuf from 'protobufjs';

/** As much of OTLP as traces take (opentelemetry-proto 1.x: trace.proto, common.proto, resource.proto). */
const PROTO = `
  syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Scope { string name = 1; string version = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    string trace_state = 3;
    bytes parent_span_id = 4;
    string name = 5;
    int32 kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    Status status = 15;
    fixed32 flags = 16;
  }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

const MESSAGE = protobuf.parse(PROTO).root.lookupType('ExportTraceServiceRequest');

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  readonly traceId: string;
  readonly spanId: string;
  /** `''`: the trace begins with it. */
  readonly parentId: string;
  readonly traceState: string;
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
  readonly flags: number;
  readonly resource: Attributes;
  readonly scope: string;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface Message {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly RawSpan[];
    }[];
  }[];
}

interface RawSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly status?: { readonly code: number };
  readonly flags: number;
}

const KINDS: Readonly<Record<number, ReceivedSpan['kind']>> = { 1: 'internal', 2: 'server', 3: 'client' };
const STATUS_ERROR = 2;

/** The spans of an export request. Throws for what is none. */
export function readSpans(bytes: Buffer): readonly ReceivedSpan[] {
  const decoded = MESSAGE.decode(bytes);
  const message = MESSAGE.toObject(decoded, {
    longs: String,
    defaults: true,
    arrays: true,
    oneofs: true,
  }) as Message;
  return message.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...spanOf(span),
        resource: attributesOf(resource.attributes),
        scope: scope.name,
      })),
    ),
  );
}

const spanOf = (span: RawSpan): Omit<ReceivedSpan, 'resource' | 'scope'> => ({
  name: span.name,
  kind: KINDS[span.kind] ?? 'other',
  traceId: span.traceId.toString('hex'),
  spanId: span.spanId.toString('hex'),
  parentId: span.parentSpanId.toString('hex'),
  traceState: span.traceState,
  startMs: Number(BigInt(span.startTimeUnixNano) / 1_000n) / 1_000,
  endMs: Number(BigInt(span.endTimeUnixNano) / 1_000n) / 1_000,
  attributes: attributesOf(span.attributes),
  isError: span.status?.code === STATUS_ERROR,
  flags: span.flags,
});

/** Whole numbers come as texts, as they may be larger than numbers of JavaScript are exact. */
const attributesOf = (pairs: readonly KeyValue[]): Attributes =>
  Object.fromEntries(
    pairs.map(({ key, value: { stringValue, boolValue, intValue, doubleValue, value } }) => {
      const written = { stringValue, boolValue, doubleValue, intValue: Number(intValue) };
      return [key, written[value as keyof typeof written] ?? ''];
    }),
  );
