import type { Clock, ErrorCode } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { RequestTrace, StepName } from './request-trace.ts';
import { currentStep, Step } from './step.ts';
import { contextLines, RANDOM, SAMPLED, type TraceContext } from './trace-context.ts';
import type { TraceIds } from './trace-ids.ts';

/** One try of a traced request at an endpoint. Without an end: it ended with the request. */
export interface Attempt {
  readonly spanId: string;
  readonly endpoint: Endpoint;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
  error: ErrorCode | undefined;
}

/** What is known of a traced request when it arrives. */
export interface Incoming {
  /** As the client has named it; `''` if it has not. */
  readonly host: string;
  /** The trace that it belongs to already; undefined: one begins with it. */
  readonly parent: TraceContext | undefined;
}

/**
 * A request that is sampled. While it is served only instants are kept; its spans are made of them when it is over
 * (`request-spans.ts`). Instants are those of the clock's `elapsed`.
 */
export class RecordedTrace implements RequestTrace {
  readonly isToldByAttempts = true;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly state: string;
  readonly incoming: Incoming;
  readonly startedAtMs: number;
  readonly steps: Step[] = [];
  readonly attempts: Attempt[] = [];
  readonly #ids: TraceIds;
  readonly #clock: Clock;

  constructor(incoming: Incoming, ids: TraceIds, clock: Clock) {
    const { parent } = incoming;
    this.incoming = incoming;
    this.traceId = parent?.traceId ?? ids.newTraceId();
    this.spanId = ids.newSpanId();
    this.flags = SAMPLED | ((parent?.flags ?? 0) & RANDOM);
    this.state = parent?.state ?? '';
    this.startedAtMs = clock.elapsed();
    this.#ids = ids;
    this.#clock = clock;
  }

  beginAttempt(endpoint: Endpoint, startedAtMs: number): string {
    const { traceId, flags, state } = this;
    const spanId = this.#ids.newSpanId();
    this.attempts.push({ spanId, endpoint, startedAtMs, endedAtMs: undefined, error: undefined });
    return contextLines({ traceId, parentId: spanId, flags, state });
  }

  failAttempt(error: ErrorCode): void {
    const attempt = this.attempts.at(-1);
    if (attempt === undefined) return;
    attempt.error = error;
    attempt.endedAtMs = this.#clock.elapsed();
  }

  step<T>(name: StepName, work: () => T): T {
    const step = new Step(name, this.#clock);
    const result = currentStep.run(step, work);
    // What has its answer at once has kept nobody waiting.
    if (!(result instanceof Promise)) return result;
    this.steps.push(step);
    const end = (): void => step.end();
    result.then(end, end);
    return result;
  }
}
