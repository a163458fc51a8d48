import { type Clock, sleep } from '@holdfast/shared';
import type { WorkerNumber } from './workforce.ts';

/** One question to several workers, and their answers. Who is gone, or too late, has none. */
export class Answers<Answer> {
  readonly #awaited: Set<WorkerNumber>;
  readonly #given = new Map<WorkerNumber, Answer>();
  readonly #complete = Promise.withResolvers<void>();

  constructor(asked: Iterable<WorkerNumber>) {
    this.#awaited = new Set(asked);
    this.#settleIfComplete();
  }

  /** Takes the first answer of a worker that was asked. */
  give(worker: WorkerNumber, answer: Answer): void {
    if (!this.#awaited.delete(worker)) return;
    this.#given.set(worker, answer);
    this.#settleIfComplete();
  }

  /** No longer waits for a worker, which is gone. */
  giveUp(worker: WorkerNumber): void {
    if (this.#awaited.delete(worker)) this.#settleIfComplete();
  }

  /** All answers, in the order in which they came, when nobody is waited for any more or the deadline has come. */
  async all(clock: Clock, deadlineMs: number): Promise<ReadonlyMap<WorkerNumber, Answer>> {
    await Promise.race([this.#complete.promise, sleep(clock, deadlineMs)]);
    return this.#given;
  }

  /** Whether nobody is waited for any more. */
  get isComplete(): boolean {
    return this.#awaited.size === 0;
  }

  #settleIfComplete(): void {
    if (this.isComplete) this.#complete.resolve();
  }
}
