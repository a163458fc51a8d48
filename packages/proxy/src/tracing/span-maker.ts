import type { Clock, EpochMs } from '@holdfast/shared';
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
    const { incoming, spanId } = trace;
    const { parent } = incoming;
    const story: Story = { record, trace, zeroMs: this.#instants.zero(), endMs };
    const place = { ...below(trace, parent?.parentId, spanId), isParentRemote: parent !== undefined };
    const whole = spanOf(place, requestSpan(record, incoming.host), trace.startedAtMs, endMs, story);
    return [whole, ...this.#attempts(story), ...this.#steps(story)];
  }

  /** The span of a connection or a flow that is over. */
  ofConnection(record: ConnectionRecord, { traceId, spanId }: ConnectionTrace): Span {
    const endMs = this.#options.clock.elapsed();
    const place = { traceId, spanId, parentId: undefined, isParentRemote: false, flags: SAMPLED, state: '' };
    const zeroMs = this.#instants.zero();
    return spanOf(place, connectionSpan(record), endMs - record.durationMs, endMs, { zeroMs });
  }

  #attempts(story: Story): readonly Span[] {
    const { record, trace, endMs } = story;
    const { attempts, spanId: above } = trace;
    return attempts.map((attempt, index) => {
      const isAnswered = index === attempts.length - 1 && record.upstreamMs !== undefined;
      const content = attemptSpan(attempt, index, isAnswered ? record.status : undefined, record);
      const { startedAtMs, endedAtMs = endMs } = attempt;
      return spanOf(below(trace, above, attempt.spanId), content, startedAtMs, endedAtMs, story);
    });
  }

  #steps(story: Story): readonly Span[] {
    const { record, trace, endMs } = story;
    const last = trace.steps.findLast(({ name }) => name !== 'affinity.learn');
    return trace.steps.flatMap((step) => {
      const place = below(trace, trace.spanId, this.#options.newSpanId());
      const content = stepSpan(step, record.pool, step === last ? record.resolution : undefined);
      const { startedAtMs, endedAtMs = endMs } = step;
      const span = spanOf(place, content, startedAtMs, endedAtMs, story);
      return [span, ...this.#operations(step, place.spanId, { ...story, endMs: endedAtMs })];
    });
  }

  #operations(step: Step, above: string, story: Story): readonly Span[] {
    const { newSpanId, storeKind } = this.#options;
    return step.operations.map((operation) => {
      const place = below(story.trace, above, newSpanId());
      const { startedAtMs, endedAtMs = story.endMs } = operation;
      return spanOf(place, operationSpan(operation, storeKind), startedAtMs, endedAtMs, story);
    });
  }
}

/** What the spans of a request are made of. */
interface Story {
  readonly record: RequestRecord;
  readonly trace: RecordedTrace;
  /** The instant from which moments are counted. */
  readonly zeroMs: EpochMs;
  /** The moment at which what has no end of its own was over. */
  readonly endMs: number;
}

const below = (
  { traceId, flags, state }: RecordedTrace,
  parentId: string | undefined,
  spanId: string,
): SpanPlace => ({ traceId, spanId, parentId, isParentRemote: false, flags, state });

const spanOf = (
  place: SpanPlace,
  content: SpanContent,
  startMs: number,
  endMs: number,
  { zeroMs }: Pick<Story, 'zeroMs'>,
): Span => ({ place, content, startedAtMs: zeroMs + startMs, endedAtMs: zeroMs + Math.max(startMs, endMs) });
