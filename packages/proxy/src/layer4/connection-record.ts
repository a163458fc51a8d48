import type { ErrorCode } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import type { ConnectionTrace } from '../tracing/connection-trace.ts';

/**
 * How a connection or a flow ended.
 *
 * - `closed`: both sides have sent all that they had
 * - `client-reset`, `endpoint-reset`: that side broke it off
 * - `idle`: nothing came from either side for the idle timeout
 * - `evicted`: a flow that was silent longest when another one needed its place
 * - `refused`: it never came to an endpoint; the error says why
 * - `shutdown`: the listener has closed
 */
export type ConnectionEnd =
  | 'closed'
  | 'client-reset'
  | 'endpoint-reset'
  | 'idle'
  | 'evicted'
  | 'refused'
  | 'shutdown';

/** What is known of a connection of TCP or a flow of UDP when it is over, for logs and counters. */
export interface ConnectionRecord {
  readonly protocol: 'tcp' | 'udp';
  readonly listener: string;
  /** Empty where no route was found. */
  readonly pool: string;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** What a TLS client asked for, where routes go by it. */
  readonly serverName: string | undefined;
  /** Undefined where it is not traced. */
  readonly trace: ConnectionTrace | undefined;
  readonly end: ConnectionEnd;
  readonly error: ErrorCode | undefined;
  readonly resolution: Resolution | undefined;
  /** Endpoints that were tried. */
  readonly attempts: number;
  /** From the client, as they went to the endpoint. */
  readonly bytesIn: number;
  /** To the client. */
  readonly bytesOut: number;
  readonly durationMs: number;
  /** How long the session's place took to find; 0 for a warm session. */
  readonly affinityMs: number;
  /** How long the last endpoint took to accept; undefined if none did, and of a flow. */
  readonly connectMs: number | undefined;
}

/** Who is told of connections and flows that are over. */
export interface ConnectionRecorder {
  connectionFinished(record: ConnectionRecord): void;
}
