import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Connections that hear all news of a session map and do nothing with it, on a thread of their own. */
export class Audience implements AsyncDisposable {
  readonly #thread: Worker;

  private constructor(thread: Worker) {
    this.#thread = thread;
  }

  static async gather(port: number, channel: string, size: number): Promise<Audience> {
    const thread = new Worker(new URL('audience-thread.ts', import.meta.url), {
      workerData: { port, channel, size },
    });
    await once(thread, 'message');
    return new Audience(thread);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }
}
