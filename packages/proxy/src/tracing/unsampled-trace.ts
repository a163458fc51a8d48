import type { RequestTrace, StepName } from './request-trace.ts';

/** A request of whose trace nothing is recorded here. Its endpoint is told, so that it need not decide otherwise. */
export class UnsampledTrace implements RequestTrace {
  readonly traceId: string | undefined;
  readonly spanId = undefined;
  readonly #lines: string;

  /** @param traceId where others may have recorded it */
  constructor(lines: string, traceId?: string) {
    this.traceId = traceId;
    this.#lines = lines;
  }

  beginAttempt(): string {
    return this.#lines;
  }

  failAttempt(): void {}

  step<T>(_name: StepName, work: () => T): T {
    return work();
  }
}
