import type { Clock } from '@holdfast/shared';
import type { RequestRecord } from '../forward/request-record.ts';
import type { ConnectionRecord } from '../layer4/connection-record.ts';
import { attemptSpan } from './attempt-span.ts';
import { connectionSpan } from './connection-span.ts';
import type { ConnectionTrace } from './connection-trace.ts';
import { FineInstants } from './fine-instants.ts';
import type { RecordedTrace } from './recorded-trace.ts';
import { requestSpan } from './request-span.ts';
import type { Span, SpanContent, SpanPlace } from './span.ts';
import type { Step } from './step.ts';
import { operationSpan, stepSpan } from './step-spans.ts';
import { SAMPLED } from './trace-context.ts';

export interface SpanMakerOptions {
  readonly clock: Clock;
  readonly newSpanId: () => string;
  /** `redis`, `sqlite` or `memory`. */
  readonly storeKind: string;
}

/** Makes the spans of what is over. */
export class SpanMaker {
  readonly #options: SpanMakerOptions;
  readonly #instants: FineInstants;

  constructor(options: SpanMakerOptions) {
    this.#options = options;
    this.#instants = new FineInstants(options.clock);
  }

  /** The spans of a request: its own, and below it those of its attempts and of what it had to wait for. */
  ofRequest(record: RequestRecord, trace: RecordedTrace): readonly Span[] {
    const endMs = this.#options.clock.elapsed();
    const { parent } = trace.arrival;
    const place = {
      ...this.#below(trace, parent?.parentId, trace.spanId),
      isParentRemote: parent !== undefined,
    };
    const whole = this.#span(place, requestSpan(record, trace.arrival.host), trace.startedAtMs, endMs);
    return [whole, ...this.#attempts(record, trace, endMs), ...this.#steps(record, trace, endMs)];
  }

  /** The span of a connection or a flow that is over. */
  ofConnection(record: ConnectionRecord, { traceId, spanId }: ConnectionTrace): Span {
    const endMs = this.#options.clock.elapsed();
    const place = { traceId, spanId, parentId: undefined, isParentRemote: false, flags: SAMPLED, state: '' };
    return this.#span(place, connectionSpan(record), endMs - record.durationMs, endMs);
  }

  #attempts(record: RequestRecord, trace: RecordedTrace, endMs: number): readonly Span[] {
    const { attempts, spanId: above } = trace;
    return attempts.map((attempt, index) => {
      const isAnswered = index === attempts.length - 1 && record.upstreamMs !== undefined;
      const content = attemptSpan(attempt, index, isAnswered ? record.status : undefined, record);
      const place = this.#below(trace, above, attempt.spanId);
      return this.#span(place, content, attempt.startedAtMs, attempt.endedAtMs ?? endMs);
    });
  }

  #steps({ pool, resolution }: RequestRecord, trace: RecordedTrace, endMs: number): readonly Span[] {
    const last = trace.steps.findLast(({ name }) => name !== 'affinity.learn');
    return trace.steps.flatMap((step) => {
      const place = this.#below(trace, trace.spanId, this.#options.newSpanId());
      const content = stepSpan(step, pool, step === last ? resolution : undefined);
      const stepEndMs = step.endedAtMs ?? endMs;
      const span = this.#span(place, content, step.startedAtMs, stepEndMs);
      return [span, ...this.#operations(step, trace, place.spanId, stepEndMs)];
    });
  }

  #operations(step: Step, trace: RecordedTrace, above: string, stepEndMs: number): readonly Span[] {
    return step.operations.map((operation) => {
      const place = this.#below(trace, above, this.#options.newSpanId());
      const content = operationSpan(operation, this.#options.storeKind);
      return this.#span(place, content, operation.startedAtMs, operation.endedAtMs ?? stepEndMs);
    });
  }

  #below({ traceId, flags, state }: RecordedTrace, parentId: string | undefined, spanId: string): SpanPlace {
    return { traceId, spanId, parentId, isParentRemote: false, flags, state };
  }

  #span(place: SpanPlace, content: SpanContent, startMs: number, endMs: number): Span {
    const durationMs = Math.max(0, endMs - startMs);
    return { place, content, startedAtMs: this.#instants.at(startMs), durationMs };
  }
}
