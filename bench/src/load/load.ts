import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../bench-error.ts';
import { type Origin, urlOf } from '../machine/origin.ts';
import { formatRequest } from './browser-request.ts';
import { parseResult, runGenerator } from './generator.ts';
import type { Latency } from './latency.ts';
import type { WarmSession } from './sessions.ts';
import type { Traffic } from './traffic.ts';

/** Load from the sessions of a file, as fast as the proxy takes it: each connection waits only for its answer. */
export interface Load {
  readonly cores: string;
  readonly origin: Origin;
  /** What {@link writeRequests} wrote; the generator's own output goes to a file beside it. */
  readonly requestsFile: string;
  readonly connections: number;
  readonly seconds: number;
  /** The length of the body that every answer has. */
  readonly answerBytes: number;
}

/** What a load generator saw. A message of a WebSocket that came back counts as a request. */
export interface LoadResult {
  readonly requests: number;
  /** From the first connection to the end; shorter than the process took. */
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: Latency;
  /** Answers of 400 and above, and requests that got none. */
  readonly errors: number;
}

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));

/** Writes one request of every session to `file`, separated by NUL, as the load generators read them. */
export function writeRequests(file: string, sessions: readonly WarmSession[], traffic: Traffic): void {
  writeFileSync(file, sessions.map(({ cookie }) => formatRequest(cookie, traffic)).join('\0'));
}

/** Runs wrk with one thread to its end. Throws a {@link BenchError} when it fails or answers were too short. */
export async function applyLoad(load: Load): Promise<LoadResult> {
  const { cores, origin, requestsFile, connections, seconds, answerBytes } = load;
  const rate = ['-t1', `-c${connections}`, `-d${seconds}s`];
  const args = [...rate, '-s', SCRIPT, urlOf(origin), '--', requestsFile];
  const outputFile = `${requestsFile}.wrk`;
  return readWrkOutput(await runGenerator({ cores, command: 'wrk', args, outputFile }), answerBytes);
}

interface WrkReport {
  readonly requests: number;
  readonly bytes: number;
  readonly durationUs: number;
  readonly latencyUs: Latency;
  readonly badStatus: number;
  readonly socketErrors: number;
}

/** Reads the line of JSON that `load.lua` adds to what wrk prints. */
export function readWrkOutput(output: string, answerBytes: number): LoadResult {
  const wrk = parseResult<WrkReport>(output);
  if (wrk.badStatus === 0 && wrk.bytes < wrk.requests * answerBytes)
    throw new BenchError(`${wrk.requests} answers had only ${wrk.bytes} bytes`);
  return {
    requests: wrk.requests,
    durationMs: wrk.durationUs / 1_000,
    requestsPerSecond: wrk.requests / (wrk.durationUs / 1e6),
    latencyMs: inMs(wrk.latencyUs),
    errors: wrk.badStatus + wrk.socketErrors,
  };
}

const inMs = ({ p50, p90, p99, p999, max }: Latency): Latency => ({
  p50: p50 / 1_000,
  p90: p90 / 1_000,
  p99: p99 / 1_000,
  p999: p999 / 1_000,
  max: max / 1_000,
});
