import { runOwnGenerator } from './generator.ts';
import type { Latency } from './latency.ts';
import type { Load, LoadResult } from './load.ts';

/** What `generators/open-loop.ts` is started with. */
export interface OpenLoopSettings {
  readonly port: number;
  /** Requests separated by NUL, sent in turn. */
  readonly requestsFile: string;
  readonly connections: number;
  readonly ratePerSecond: number;
  /** Measured seconds, after a lead-in. */
  readonly seconds: number;
}

/** What that generator saw. Latency counts from the moment at which a request was due. */
export interface OpenLoopResult extends LoadResult {
  /** How much later than due requests were sent: the generator's own error, or want of a free connection. */
  readonly delayMs: Latency;
}

/** Sends requests at a constant rate, whatever becomes of them. */
export function applyConstantRate(load: Load, ratePerSecond: number): Promise<OpenLoopResult> {
  const { origin, cores, requestsFile, connections, seconds } = load;
  const settings: OpenLoopSettings = { port: origin.port, requestsFile, connections, ratePerSecond, seconds };
  return runOwnGenerator({ name: 'open-loop', settings, cores, outputFile: `${requestsFile}.open-loop` });
}
