import { type Clock, HoldfastError } from '@holdfast/shared';

/**
 * The outcome of `work`, or `STORE_UNAVAILABLE` if there is none within `timeoutMs`. The work itself is not
 * stopped; what it answers after the deadline is dropped, a failure included.
 */
export function withDeadline<T>(clock: Clock, timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void =>
      reject(new HoldfastError('STORE_UNAVAILABLE', `${what}: no answer within ${timeoutMs} ms`));
    // A process that was held up runs its timers before it reads its sockets: an answer that has long been there gets
    // one more turn of the event loop to be read, or a busy node would take itself for cut off.
    let cancel = clock.after(timeoutMs, () => {
      cancel = clock.after(0, fail);
    });
    work.then(resolve, reject).finally(() => cancel());
  });
}
