import { type Clock, HoldfastError, sleep } from '@holdfast/shared';

const POLL_INTERVAL_MS = 50;

/** How long, and until when at the latest, to wait for something. */
export interface Patience {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

/**
 * Asks every 50 ms until `condition` answers something other than undefined, and answers that.
 *
 * @param what what is waited for, as the end of a sentence
 * @throws HoldfastError `INTERNAL` when the deadline passes or the signal fires first
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined> | T | undefined,
  { clock, deadlineMs, signal }: Patience,
): Promise<T> {
  const endMs = clock.elapsed() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined) return answer;
    if (signal?.aborted) throw new HoldfastError('INTERNAL', `stopped waiting until ${what}`);
    if (clock.elapsed() >= endMs)
      throw new HoldfastError('INTERNAL', `waited ${deadlineMs} ms in vain until ${what}`);
    await sleep(clock, POLL_INTERVAL_MS);
  }
}
