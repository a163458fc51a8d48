import { HoldfastError, sleep, systemClock } from '@holdfast/shared';

const INTERVAL_MS = 5;

/** Waits until `condition` holds, or fails after the deadline with `what` did not happen. For work of other processes. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 5_000,
): Promise<void> {
  const giveUpAtMs = systemClock.elapsed() + deadlineMs;
  while (!(await condition())) {
    if (systemClock.elapsed() > giveUpAtMs) {
      throw new HoldfastError('INTERNAL', `not within ${deadlineMs} ms: ${what}`);
    }
    await sleep(systemClock, INTERVAL_MS);
  }
}
