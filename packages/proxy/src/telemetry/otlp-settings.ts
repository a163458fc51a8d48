import type { Environment, TelemetryConfig } from '@holdfast/shared/config';

/** Where and how telemetry is pushed. */
export interface OtlpSettings {
  /** Undefined: metrics are not pushed. */
  readonly metricsUrl: string | undefined;
  /** Undefined: traces are not pushed. */
  readonly tracesUrl: string | undefined;
  /** Beside those that `OTEL_EXPORTER_OTLP_HEADERS` names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How often metrics are pushed. */
  readonly intervalMs: number;
}

const TIMEOUT_MS = 10_000;
const INTERVAL_MS = 60_000;

/** Whether there is any telemetry at all. */
export const isTelemetryOn = ({ enabled }: TelemetryConfig, environment: Environment): boolean =>
  enabled && environment.OTEL_SDK_DISABLED?.toLowerCase() !== 'true';

/**
 * What the configuration says, and else the environment variables of OpenTelemetry (OTLP Exporter Configuration, SDK
 * Environment Variables). Undefined: nothing is pushed.
 */
export function otlpSettings(telemetry: TelemetryConfig, environment: Environment): OtlpSettings | undefined {
  if (!isTelemetryOn(telemetry, environment)) return undefined;
  const { otlp, metrics } = telemetry;
  const metricsUrl = urlOf('metrics', otlp.endpoint, environment);
  const tracesUrl = urlOf('traces', otlp.endpoint, environment);
  if (metricsUrl === undefined && tracesUrl === undefined) return undefined;
  return {
    metricsUrl,
    tracesUrl,
    headers: otlp.headers,
    timeoutMs: otlp.timeout ?? millisecondsOf(environment.OTEL_EXPORTER_OTLP_TIMEOUT) ?? TIMEOUT_MS,
    intervalMs: metrics.interval ?? millisecondsOf(environment.OTEL_METRIC_EXPORT_INTERVAL) ?? INTERVAL_MS,
  };
}

function urlOf(
  signal: 'metrics' | 'traces',
  configured: string | undefined,
  environment: Environment,
): string | undefined {
  const prefix = signal.toUpperCase();
  if (environment[`OTEL_${prefix}_EXPORTER`] === 'none') return undefined;
  const ofSignal = environment[`OTEL_EXPORTER_OTLP_${prefix}_ENDPOINT`];
  // That of one signal is the whole URL, that of all is where the paths of the signals begin.
  if (configured === undefined && isUrl(ofSignal)) return ofSignal;
  const base = configured ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  return isUrl(base) ? `${base.replace(/\/+$/, '')}/v1/${signal}` : undefined;
}

const isUrl = (text: string | undefined): text is string =>
  text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text);

function millisecondsOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
