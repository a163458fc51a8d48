import { ProtobufWriter } from './protobuf-writer.ts';
import type { Span, SpanAttributes, SpanContent, SpanPlace } from './span.ts';

/** Who made the spans, in the words of OpenTelemetry. */
export interface SpanOrigin {
  readonly resource: Readonly<Record<string, string | number>>;
  readonly scope: { readonly name: string; readonly version: string };
}

// Numbers of the fields of opentelemetry/proto/trace/v1/trace.proto and what it refers to.
const EXPORT = { resourceSpans: 1 } as const;
const RESOURCE_SPANS = { resource: 1, scopeSpans: 2 } as const;
const RESOURCE = { attributes: 1 } as const;
const SCOPE_SPANS = { scope: 1, spans: 2 } as const;
const SCOPE = { name: 1, version: 2 } as const;
const SPAN = {
  ...{ traceId: 1, spanId: 2, traceState: 3, parentSpanId: 4, name: 5, kind: 6 },
  ...{ startTime: 7, endTime: 8, attributes: 9, status: 15, flags: 16 },
} as const;
const STATUS = { code: 3 } as const;
const KEY_VALUE = { key: 1, value: 2 } as const;
const ANY_VALUE = { string: 1, int: 3, double: 4 } as const;

const KINDS = { internal: 1, server: 2, client: 3 } as const satisfies Record<SpanContent['kind'], number>;
const STATUS_ERROR = 2;
/** Bits of the flags beside those of the trace context: whether it is known whose the parent is, and whether another's. */
const HAS_IS_REMOTE = 0x1_00;
const IS_REMOTE = 0x2_00;
const NS_PER_SECOND = 1_000_000_000n;

/** Values of a key that are remembered; one with more of them is known to be another with each request. */
const VALUES_MAX = 64;

/**
 * Encodes spans as an `ExportTraceServiceRequest` of OTLP. Most attributes have one of a few values, whose encoding is
 * remembered: what is left is to copy it.
 */
export class OtlpEncoding {
  readonly #writer = new ProtobufWriter();
  readonly #resource: Uint8Array;
  readonly #scope: Uint8Array;
  /** Attributes of spans, by key and value; null of a key that has too many values. */
  readonly #known = new Map<string, Map<string | number, Uint8Array> | null>();
  #second = 0;
  #secondNs = 0n;

  constructor({ resource, scope }: SpanOrigin) {
    this.#resource = this.#written(() => {
      for (const [key, value] of Object.entries(resource)) this.#keyValue(RESOURCE.attributes, key, value);
    });
    this.#scope = this.#written(() => {
      this.#writer.string(SCOPE.name, scope.name);
      this.#writer.string(SCOPE.version, scope.version);
    });
  }

  /** Spans, for a request that is made of them and of others. */
  spans(spans: readonly Span[]): Uint8Array {
    return this.#written(() => {
      for (const span of spans) this.#span(span);
    });
  }

  /** The request that exports spans which are encoded already. */
  request(encoded: readonly Uint8Array[]): Uint8Array {
    const writer = this.#writer;
    return this.#written(() => {
      const resourceSpans = writer.begin(EXPORT.resourceSpans);
      this.#message(RESOURCE_SPANS.resource, this.#resource);
      const scopeSpans = writer.begin(RESOURCE_SPANS.scopeSpans);
      this.#message(SCOPE_SPANS.scope, this.#scope);
      for (const spans of encoded) writer.raw(spans);
      writer.end(scopeSpans);
      writer.end(resourceSpans);
    });
  }

  #written(write: () => void): Uint8Array {
    this.#writer.clear();
    write();
    return this.#writer.since(0);
  }

  #message(field: number, fields: Uint8Array): void {
    const message = this.#writer.begin(field);
    this.#writer.raw(fields);
    this.#writer.end(message);
  }

  #span({ place, content, startedAtMs, endedAtMs }: Span): void {
    const writer = this.#writer;
    const span = writer.begin(SCOPE_SPANS.spans);
    this.#place(place);
    writer.string(SPAN.name, content.name);
    writer.uint(SPAN.kind, KINDS[content.kind]);
    writer.fixed64(SPAN.startTime, this.#ns(startedAtMs));
    writer.fixed64(SPAN.endTime, this.#ns(endedAtMs));
    this.#attributes(content.attributes);
    if (content.isError) {
      const status = writer.begin(SPAN.status);
      writer.uint(STATUS.code, STATUS_ERROR);
      writer.end(status);
    }
    writer.end(span);
  }

  #place({ traceId, spanId, parentId, isParentRemote, flags, state }: SpanPlace): void {
    const writer = this.#writer;
    writer.hex(SPAN.traceId, traceId);
    writer.hex(SPAN.spanId, spanId);
    if (state !== '') writer.string(SPAN.traceState, state);
    if (parentId !== undefined) writer.hex(SPAN.parentSpanId, parentId);
    writer.fixed32(SPAN.flags, flags | HAS_IS_REMOTE | (isParentRemote ? IS_REMOTE : 0));
  }

  #attributes(attributes: Readonly<SpanAttributes>): void {
    for (const key in attributes) this.#attribute(key, attributes[key] as string | number);
  }

  #attribute(key: string, value: string | number): void {
    const values = this.#known.get(key);
    const known = values?.get(value);
    if (known !== undefined) return this.#writer.raw(known);
    const start = this.#writer.length;
    this.#keyValue(SPAN.attributes, key, value);
    if (values === undefined) this.#known.set(key, new Map([[value, this.#writer.since(start)]]));
    else if (values?.size === VALUES_MAX) this.#known.set(key, null);
    else values?.set(value, this.#writer.since(start));
  }

  #keyValue(field: number, key: string, value: string | number): void {
    const writer = this.#writer;
    const keyValue = writer.begin(field);
    writer.string(KEY_VALUE.key, key);
    const anyValue = writer.begin(KEY_VALUE.value);
    if (typeof value === 'string') writer.string(ANY_VALUE.string, value);
    else if (Number.isSafeInteger(value) && value >= 0) writer.uint(ANY_VALUE.int, value);
    else writer.double(ANY_VALUE.double, value);
    writer.end(anyValue);
    writer.end(keyValue);
  }

  /** Nanoseconds since the epoch. Those of a whole second are worked out once for all spans of it. */
  #ns(instantMs: number): bigint {
    const second = Math.floor(instantMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondNs = BigInt(second) * NS_PER_SECOND;
    }
    return this.#secondNs + BigInt(Math.round((instantMs - second * 1_000) * 1_000_000));
  }
}
