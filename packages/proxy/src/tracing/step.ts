import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, type ErrorCode, HoldfastError } from '@holdfast/shared';
import type { StepName } from './request-trace.ts';

/** What was asked of the store within a step. Without an end: it was given up when the step ended. */
export interface StoreOperation {
  readonly name: string;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
  error: ErrorCode | undefined;
}

/** A part of a traced request that it has to wait for. Instants are those of the clock's `elapsed`. */
export class Step {
  readonly name: StepName;
  readonly startedAtMs: number;
  readonly operations: StoreOperation[] = [];
  endedAtMs: number | undefined = undefined;
  readonly #clock: Clock;

  constructor(name: StepName, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.startedAtMs = clock.elapsed();
  }

  end(): void {
    this.endedAtMs ??= this.#clock.elapsed();
  }

  /** Does the work as an operation of this step, unless that is over: what goes on behind a request is none of its. */
  async operation<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.endedAtMs !== undefined) return work();
    const startedAtMs = this.#clock.elapsed();
    const operation: StoreOperation = { name, startedAtMs, endedAtMs: undefined, error: undefined };
    this.operations.push(operation);
    try {
      return await work();
    } catch (error) {
      operation.error = HoldfastError.from(error).code;
      throw error;
    } finally {
      if (this.endedAtMs === undefined) operation.endedAtMs = this.#clock.elapsed();
    }
  }
}

/**
 * The step within which something is done. It follows the calls and promises of a traced request down to the store, whose
 * port knows nothing of traces; where there is none, it costs a look at the store's operations only.
 */
export const currentStep = new AsyncLocalStorage<Step>();
