import type { Agent } from 'node:http';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import { OtlpEncoding, type SpanOrigin } from './otlp-encoding.ts';
import type { Span } from './span.ts';
import type { ExportResult, SpanExporter } from './span-queue.ts';

/** The only file of traces that knows OpenTelemetry's packages. Loaded where there is somebody to export to. */

export interface OtlpSpanExporterOptions extends Pick<SpanOrigin, 'resource'> {
  /** Where a collector takes traces: `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The longest that one export may take, tries included, in milliseconds. */
  readonly timeoutMs: number;
  /** The release of the proxy. */
  readonly release: string;
}

/** One, and one that has just been broken off. */
const EXPORTS_MAX = 2;

/**
 * Exports spans by OTLP over HTTP, in protobuf. Tries, compression and certificates are those of OpenTelemetry's exporters;
 * spans are encoded by ourselves (docs/adr/0019-telemetry.md).
 */
export function otlpSpanExporter(options: OtlpSpanExporterOptions): SpanExporter {
  const { resource, release } = options;
  const encoding = new OtlpEncoding({ resource, scope: { name: 'holdfast', version: release } });
  const { settings, abort } = transportOf(options);
  const exporter = createOtlpHttpExportDelegate<readonly Span[], object>(
    settings,
    { serializeRequest: (spans) => encoding.encode(spans), deserializeResponse: () => ({}) },
    'otlp_http_span_exporter',
    { name: 'span', countItems: ({ length }) => length },
    undefined,
  );
  return {
    export: (spans) =>
      new Promise<ExportResult>((resolve) => {
        exporter.export(spans, ({ error }) => resolve(resultOf(error)));
      }).catch(resultOf),
    abort,
    close: () => exporter.shutdown(),
  };
}

/** The settings of OpenTelemetry's transport, whose connections can be ended: an answer may go on for ever. */
function transportOf({ url, headers, timeoutMs }: OtlpSpanExporterOptions) {
  const given = { url, headers: { ...headers }, timeoutMillis: timeoutMs, concurrencyLimit: EXPORTS_MAX };
  const type = { 'Content-Type': 'application/x-protobuf' };
  const settings = convertLegacyHttpOptions(given, 'TRACES', 'v1/traces', type);
  let agent: Agent | undefined;
  const agentFactory: typeof settings.agentFactory = async (protocol) => {
    agent = await settings.agentFactory(protocol);
    return agent;
  };
  return { settings: { ...settings, agentFactory }, abort: () => agent?.destroy() };
}

const resultOf = (error: Error | undefined): ExportResult =>
  error === undefined ? { kind: 'arrived' } : { kind: 'lost', reason: error.message || error.name };
