import {
  createTraceState,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Span } from './span.ts';
import type { ExportResult, SpanExporter } from './span-queue.ts';

/** The only file of traces that knows OpenTelemetry's packages. Loaded where there is somebody to export to. */

export interface OtlpSpanExporterOptions {
  /** Where a collector takes traces: `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The longest that one export may take, tries included, in milliseconds. */
  readonly timeoutMs: number;
  /** Attributes of whoever made the spans. */
  readonly resource: Readonly<Record<string, string | number>>;
  /** The release of the proxy. */
  readonly release: string;
}

/** Those that go on behind the deadline of the queue; each holds a batch. */
const EXPORTS_MAX = 4;

/** Exports spans by OTLP over HTTP, in protobuf. */
export function otlpSpanExporter(options: OtlpSpanExporterOptions): SpanExporter {
  const { url, headers, timeoutMs, release } = options;
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    concurrencyLimit: EXPORTS_MAX,
  });
  const resource = resourceFromAttributes(options.resource);
  const scope = { name: 'holdfast', version: release };
  return {
    export: (spans) =>
      new Promise<ExportResult>((resolve) => {
        const readable = spans.map((span) => new OtlpSpan(span, resource, scope));
        exporter.export(readable, ({ error }) => resolve(resultOf(error)));
      }).catch(resultOf),
    close: () => exporter.shutdown(),
  };
}

const resultOf = (error: Error | undefined): ExportResult =>
  error === undefined ? { kind: 'arrived' } : { kind: 'lost', reason: error.message || error.name };

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;
const NONE: never[] = [];
const UNSET = { code: SpanStatusCode.UNSET };
const FAILED = { code: SpanStatusCode.ERROR };

/** A span of ours in the shape in which OpenTelemetry's serializer takes spans. */
class OtlpSpan implements ReadableSpan {
  readonly ended = true;
  readonly links = NONE;
  readonly events = NONE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly resource: Resource;
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly parentSpanContext?: SpanContext;
  readonly #span: Span;

  constructor(span: Span, resource: Resource, scope: ReadableSpan['instrumentationScope']) {
    this.#span = span;
    this.resource = resource;
    this.instrumentationScope = scope;
    const { traceId, parentId, flags, isParentRemote } = span.place;
    if (parentId !== undefined)
      this.parentSpanContext = { traceId, spanId: parentId, traceFlags: flags, isRemote: isParentRemote };
  }

  get name(): string {
    return this.#span.content.name;
  }

  get kind(): SpanKind {
    return KINDS[this.#span.content.kind];
  }

  get attributes(): ReadableSpan['attributes'] {
    return this.#span.content.attributes;
  }

  get status(): ReadableSpan['status'] {
    return this.#span.content.isError ? FAILED : UNSET;
  }

  get startTime(): HrTime {
    return hrTime(this.#span.startedAtMs);
  }

  get endTime(): HrTime {
    return hrTime(this.#span.startedAtMs + this.#span.durationMs);
  }

  get duration(): HrTime {
    return hrTime(this.#span.durationMs);
  }

  spanContext(): SpanContext {
    const { traceId, spanId, flags, state } = this.#span.place;
    const context = { traceId, spanId, traceFlags: flags };
    return state === '' ? context : { ...context, traceState: createTraceState(state) };
  }
}

/** Whole seconds, and nanoseconds beyond them. */
function hrTime(valueMs: number): HrTime {
  const seconds = Math.floor(valueMs / 1_000);
  return [seconds, Math.round((valueMs - seconds * 1_000) * 1_000_000)];
}
