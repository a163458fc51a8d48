import { setTimeout as pause } from 'node:timers/promises';
import { HoldfastError, systemClock } from '@holdfast/shared';

const POLL_INTERVAL_MS = 10;

/**
 * Asks until `condition` answers something other than undefined or false, and answers that.
 *
 * @param what what is waited for, as the end of a sentence
 * @throws HoldfastError `INTERNAL` when the deadline passes first, with the last failure of the condition as its cause
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 10_000,
): Promise<T> {
  const giveUpAtMs = systemClock.elapsed() + deadlineMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== false) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (systemClock.elapsed() >= giveUpAtMs) {
      throw new HoldfastError('INTERNAL', `waited ${deadlineMs} ms in vain until ${what}`, failure);
    }
    await pause(POLL_INTERVAL_MS);
  }
}

const STILL_MS = 300;

/** Waits until a measure stands still for 300 ms, and answers it. */
export async function untilStill(what: string, measure: () => Promise<number> | number): Promise<number> {
  let last = await measure();
  let stillSinceMs = systemClock.elapsed();
  return until(`${what} stands still`, async () => {
    const now = await measure();
    if (now !== last) stillSinceMs = systemClock.elapsed();
    last = now;
    return systemClock.elapsed() - stillSinceMs >= STILL_MS && now;
  });
}
