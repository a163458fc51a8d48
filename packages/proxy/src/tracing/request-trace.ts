import type { ErrorCode } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';

/** What of a request is worth a span of its own, if it has to wait for it. */
export type StepName = 'affinity.resolve' | 'affinity.failover' | 'affinity.learn';

/**
 * The trace that a request belongs to, as whoever forwards the request tells it what happens. Where nothing is traced a
 * request has none, and its fields `traceparent` and `tracestate` pass on as they came.
 */
export interface RequestTrace {
  /** 32 hexadecimal digits. Undefined where nobody has recorded anything of it, so that looking for it finds nothing. */
  readonly traceId: string | undefined;
  /** The request's own span, 16 hexadecimal digits; undefined where it is not recorded. */
  readonly spanId: string | undefined;
  /** Whether endpoints are told of the trace by each attempt, and not by the fields that the request came with. */
  readonly isToldByAttempts: boolean;
  /**
   * An attempt at an endpoint begins.
   *
   * @param nowMs by the clock's `elapsed`
   * @returns the field lines that tell the endpoint of the trace
   */
  beginAttempt(endpoint: Endpoint, nowMs: number): string;
  /** The attempt that began last has failed. */
  failAttempt(error: ErrorCode): void;
  /** Does the work. If it takes a promise, it is a span of its own, with the operations of the store below. */
  step<T>(name: StepName, work: () => T): T;
}
