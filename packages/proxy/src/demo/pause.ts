import type { Clock } from '@holdfast/shared';

/** Waits so long, or until the signal fires. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(delayMs, resolve, true);
  const stop = (): void => resolve();
  signal.addEventListener('abort', stop);
  await promise;
  signal.removeEventListener('abort', stop);
  cancel();
}
