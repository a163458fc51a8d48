import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.ts';
import { formatRequest } from './browser-request.ts';
import { startPinned } from './pinned-process.ts';
import type { WarmSession } from './sessions.ts';

/** Load from the sessions of a file, as fast as the proxy takes it: each connection waits only for its answer. */
export interface Load {
  readonly cores: string;
  readonly port: number;
  /** What {@link writeRequests} wrote; the generator's own output goes to a file beside it. */
  readonly requestsFile: string;
  readonly connections: number;
  readonly seconds: number;
}

/** What the load generator saw. */
export interface LoadResult {
  readonly requests: number;
  /** From the first connection to the end; shorter than the process took. */
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of 400 and above, and requests that got none. */
  readonly errors: number;
}

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));

/** Writes one request of every session to `file`, the way `load.lua` reads them. */
export const writeRequests = (file: string, sessions: readonly WarmSession[]): void =>
  writeFileSync(file, sessions.map(({ cookie }) => formatRequest(cookie)).join('\0'));

/** Runs wrk with one thread to its end. Throws a {@link BenchError} when it fails. */
export async function applyLoad({
  cores,
  port,
  requestsFile,
  connections,
  seconds,
}: Load): Promise<LoadResult> {
  const outputFile = `${requestsFile}.wrk`;
  writeFileSync(outputFile, '');
  const rate = ['-t1', `-c${connections}`, `-d${seconds}s`];
  const args = [...rate, '-s', SCRIPT, `http://127.0.0.1:${port}/`, '--', requestsFile];
  const wrk = await startPinned({ cores, command: 'wrk', args, outputFile });
  await wrk.untilExit();
  return parseWrkOutput(readFileSync(outputFile, 'utf8'));
}

interface WrkReport {
  readonly requests: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly badStatus: number;
  readonly socketErrors: number;
}

/** Reads the line of JSON that `load.lua` adds to what wrk prints. */
export function parseWrkOutput(output: string): LoadResult {
  const line = output.split('\n').find((candidate) => candidate.startsWith('{"wrk":'));
  if (line === undefined) throw new BenchError(`wrk did not finish:\n${output}`);
  const { wrk } = JSON.parse(line) as { readonly wrk: WrkReport };
  return {
    requests: wrk.requests,
    durationMs: wrk.durationUs / 1_000,
    requestsPerSecond: wrk.requests / (wrk.durationUs / 1e6),
    p50Ms: wrk.p50Us / 1_000,
    p99Ms: wrk.p99Us / 1_000,
    errors: wrk.badStatus + wrk.socketErrors,
  };
}
