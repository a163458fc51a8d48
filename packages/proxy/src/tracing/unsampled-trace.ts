import type { RequestTrace, StepName } from './request-trace.ts';

/** A request of whose trace nothing is recorded here. Its endpoint is told, so that it need not decide otherwise. */
abstract class UnsampledTrace implements RequestTrace {
  abstract readonly traceId: string | undefined;
  abstract readonly isToldByAttempts: boolean;
  readonly spanId = undefined;

  abstract beginAttempt(): string;

  failAttempt(): void {}

  step<T>(_name: StepName, work: () => T): T {
    return work();
  }
}

/** One that belongs to a trace which is not sampled: what it says of that passes on as it came. */
export class PassedTrace extends UnsampledTrace {
  readonly isToldByAttempts = false;
  readonly traceId: string;

  constructor(traceId: string) {
    super();
    this.traceId = traceId;
  }

  beginAttempt(): string {
    return '';
  }
}

/** One with which a trace would have begun. */
export class SkippedTrace extends UnsampledTrace {
  readonly isToldByAttempts = true;
  readonly traceId = undefined;
  readonly #lines: string;

  /** @param lines that tell of a trace which nobody records */
  constructor(lines: string) {
    super();
    this.#lines = lines;
  }

  beginAttempt(): string {
    return this.#lines;
  }
}
