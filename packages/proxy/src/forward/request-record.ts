import type { ErrorCode } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';

/** What is known of a request when it is over, for logs and counters. */
export interface RequestRecord {
  readonly listener: string;
  readonly route: string;
  readonly pool: string;
  readonly method: string;
  /** The target without its query, which may carry secrets. */
  readonly path: string;
  readonly httpVersion: string;
  readonly requestId: string;
  readonly clientAddress: string;
  /** Whether the client's connection was TLS, here or at a trusted proxy. */
  readonly isSecure: boolean;
  /** Undefined where nothing is traced, and of a head that could not be read. */
  readonly trace: RequestTrace | undefined;
  /** The status that the client got; 499 if it left before there was one. */
  readonly status: number;
  readonly error: ErrorCode | undefined;
  readonly resolution: Resolution | undefined;
  /** Two letters of what came of a label, and what of its cookie; only where the pool goes by labels. */
  readonly flags?: string | undefined;
  readonly attempts: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** From the request head to the last byte of the response. */
  readonly durationMs: number;
  /** How long the session's place took to find; 0 for a warm session. */
  readonly affinityMs: number;
  /** From the last attempt's start to the response head; undefined if there was none. */
  readonly upstreamMs: number | undefined;
}

/** Who is told of requests that are over. */
export interface RequestRecorder {
  requestFinished(record: RequestRecord): void;
}

/** Who is told of each attempt at an endpoint when its response begins, or when it fails. */
export interface AttemptRecorder {
  /**
   * @param status 0 where there was no response
   * @param durationMs from the start of the attempt
   * @param error undefined where there was a response
   */
  attemptFinished(
    endpoint: Endpoint,
    method: string,
    status: number,
    durationMs: number,
    error: ErrorCode | undefined,
  ): void;
}
