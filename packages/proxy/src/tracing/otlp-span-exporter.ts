import { createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { type OtlpTransportOptions, otlpTransport } from '../telemetry/otlp-transport.ts';
import { OtlpEncoding, type SpanOrigin } from './otlp-encoding.ts';
import type { ExportResult, SpanExporter } from './span-queue.ts';

/** The only file of traces that knows OpenTelemetry's packages. Loaded where there is somebody to export to. */

export interface OtlpSpanExporterOptions extends OtlpTransportOptions, Pick<SpanOrigin, 'resource'> {
  /** The release of the proxy. */
  readonly release: string;
}

/**
 * Exports spans by OTLP over HTTP, in protobuf. Tries, compression and certificates are those of OpenTelemetry's exporters;
 * spans are encoded by ourselves (docs/adr/0019-telemetry.md).
 */
export function otlpSpanExporter(options: OtlpSpanExporterOptions): SpanExporter {
  const { resource, release } = options;
  const encoding = new OtlpEncoding({ resource, scope: { name: 'holdfast', version: release } });
  const { settings, abort } = otlpTransport(options, 'traces');
  const exporter = createOtlpHttpExportDelegate<readonly Uint8Array[], object>(
    settings,
    { serializeRequest: (encoded) => encoding.request(encoded), deserializeResponse: () => ({}) },
    'otlp_http_span_exporter',
    { name: 'span', countItems: ({ length }) => length },
    undefined,
  );
  return {
    encode: (spans) => encoding.spans(spans),
    export: (encoded) =>
      new Promise<ExportResult>((resolve) => {
        exporter.export(encoded, ({ error }) => resolve(resultOf(error)));
      }).catch(resultOf),
    abort,
    close: () => exporter.shutdown(),
  };
}

const resultOf = (error: Error | undefined): ExportResult =>
  error === undefined ? { kind: 'arrived' } : { kind: 'lost', reason: error.message || error.name };
