import type { Agent } from 'node:http';
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';

/** How both signals are sent, by OpenTelemetry's own transport. Loaded where there is somebody to send them to. */

export interface OtlpTransportOptions {
  /** The whole URL, with the path of the signal. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The longest that one push may take, tries included, in milliseconds. */
  readonly timeoutMs: number;
}

export interface OtlpTransport {
  /** What OpenTelemetry's exporters are made with; what the environment says of the collector is in it. */
  readonly settings: ReturnType<typeof convertLegacyHttpOptions>;
  /** Ends the connections: an answer may go on for ever, as the transport only minds silence. */
  abort(): void;
}

/** One push, and one that has just been broken off. */
const PUSHES_MAX = 2;

/** Tries, compression, certificates and environment variables are those of OpenTelemetry (OTLP Exporter Configuration). */
export function otlpTransport(
  { url, headers, timeoutMs }: OtlpTransportOptions,
  signal: 'metrics' | 'traces',
): OtlpTransport {
  const given = { url, headers: { ...headers }, timeoutMillis: timeoutMs, concurrencyLimit: PUSHES_MAX };
  const type = { 'Content-Type': 'application/x-protobuf' };
  const settings = convertLegacyHttpOptions(given, signal.toUpperCase(), `v1/${signal}`, type);
  let agent: Agent | undefined;
  const agentFactory: typeof settings.agentFactory = async (protocol) => {
    agent = await settings.agentFactory(protocol);
    return agent;
  };
  return { settings: { ...settings, agentFactory }, abort: () => agent?.destroy() };
}
