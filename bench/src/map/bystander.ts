import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Latency } from '../load/latency.ts';

/** What was done, and how long somebody else waited for Redis meanwhile. */
export interface Watched<Result> {
  readonly result: Result;
  readonly waitMs: Latency;
}

/**
 * A client of Redis that pings every millisecond, on a thread of its own: however long a command keeps Redis, so long it
 * waits, and so long every node would wait.
 */
export class Bystander implements AsyncDisposable {
  readonly #thread: Worker;

  private constructor(thread: Worker) {
    this.#thread = thread;
  }

  static async start(port: number): Promise<Bystander> {
    const thread = new Worker(new URL('bystander-thread.ts', import.meta.url), { workerData: { port } });
    await once(thread, 'message');
    return new Bystander(thread);
  }

  async watch<Result>(work: () => Promise<Result>): Promise<Watched<Result>> {
    await this.#waits();
    const result = await work();
    return { result, waitMs: await this.#waits() };
  }

  /** Those since the last time. */
  async #waits(): Promise<Latency> {
    this.#thread.postMessage('how long?');
    const [waitMs] = (await once(this.#thread, 'message')) as [Latency];
    return waitMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }
}
