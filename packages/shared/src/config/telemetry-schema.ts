import { z } from 'zod';
import { duration, HOUR_MS, listen } from './fields.ts';

/** What a node tells of its work: metrics that are read or pushed, and traces. */

const ATTRIBUTE_NAME = /^[a-z][a-z0-9_.-]{0,127}$/;
const ATTRIBUTES = 'attributes with names in small letters, such as deployment.environment.name';

const attributes = z
  .record(z.string(), z.string().max(1_024))
  .refine((given) => Object.keys(given).every((key) => ATTRIBUTE_NAME.test(key)), ATTRIBUTES);

const AN_OTLP_ENDPOINT = 'an http:// or https:// URL without a query, such as http://collector:4318';

const isOtlpEndpoint = (text: string): boolean =>
  /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text) && !/[?#]/.test(text);

const otlp = z.strictObject({
  endpoint: z
    .string()
    .refine(isOtlpEndpoint, AN_OTLP_ENDPOINT)
    .meta({ pattern: '^https?://[^?#]+$', examples: ['http://collector:4318'] })
    .optional()
    .describe(
      'Where a collector takes OTLP over HTTP; v1/metrics and v1/traces are appended. Default: OTEL_EXPORTER_OTLP_ENDPOINT; without that nothing is pushed.',
    ),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .meta({ writeOnly: true })
    .describe('Sent with every push, such as authorization. Default: OTEL_EXPORTER_OTLP_HEADERS.'),
  timeout: duration(100, 60_000)
    .optional()
    .describe(
      'The longest that one push may take, retries included. Default: OTEL_EXPORTER_OTLP_TIMEOUT, or 10s.',
    ),
});

const metrics = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Whether metrics are kept where somebody can read them: at GET /metrics of the admin listener, at metrics.listen, or by OTLP.',
    ),
  listen: listen
    .optional()
    .describe(
      'An address that serves GET /metrics for Prometheus, nothing else, and to whoever can reach it: no token is asked for. Default: only the admin listener serves it.',
    ),
  interval: duration(1_000, HOUR_MS)
    .optional()
    .describe(
      'How often metrics are pushed, where there is an OTLP endpoint. Default: OTEL_METRIC_EXPORT_INTERVAL, or 60s.',
    ),
});

const traces = z.strictObject({
  sampling: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('The part of requests that is traced where no incoming trace decides: 0 none, 1 all.'),
  trustIncoming: z
    .enum(['never', 'trusted-proxies', 'always'])
    .default('trusted-proxies')
    .describe('Whose traceparent is gone on with: nobody’s, that of trustedProxies, or everybody’s.'),
});

export const telemetry = z.strictObject({
  enabled: z.boolean().default(true).describe('false: neither metrics nor traces.'),
  resource: attributes
    .default({})
    .describe(
      'Attributes of this node in all that is pushed, beside service.name, service.version and service.instance.id.',
    ),
  otlp: otlp.prefault({}).describe('Where metrics and traces are pushed.'),
  metrics: metrics.prefault({}).describe('Counts and gauges.'),
  traces: traces.optional().describe('Spans of requests and connections. Default: none.'),
});

export type TelemetryConfig = z.output<typeof telemetry>;
