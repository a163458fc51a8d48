import type { Conditions, Entrant } from '../entrant.ts';
import type { Entry } from '../rounds.ts';
import { type LoadTrial, measureLoad } from '../trial.ts';
import type { LoadResult } from './load.ts';

/** What a load generator saw that looks at the endpoint of each of its connections. */
export interface PlacedLoadResult extends LoadResult {
  /** Connections that came to another endpoint than the session's. */
  readonly moved?: number;
}

/** Of load before each measured window. */
export const LEAD_IN_SECONDS = 1;

/**
 * Lets `drive` put load on a warm contender in every round. Its sessions are checked before the first and after the
 * last one. Each measured window has a lead-in of the same load, because the contender has been idle while the others
 * were measured: what the machine took from it meanwhile, it then has again.
 *
 * @param drive puts load on it, for so many seconds
 */
export async function loadEntry<Result extends PlacedLoadResult>(
  entrant: Entrant,
  { cores, seconds }: Pick<Conditions, 'cores' | 'seconds'>,
  drive: (seconds: number) => Promise<Result>,
): Promise<Entry<LoadTrial<Result>>> {
  const { contender, openingOperations } = entrant;
  let { moved, failed } = await entrant.check();
  return {
    contender,
    async measure() {
      await drive(LEAD_IN_SECONDS);
      const trial = await measureLoad(entrant, cores, () => drive(seconds));
      moved += trial.load.moved ?? 0;
      failed += trial.load.errors;
      return trial;
    },
    async conclude() {
      const last = await entrant.check();
      return {
        moved: moved + last.moved,
        failed: failed + last.failed,
        ...(openingOperations && { openingOperations }),
      };
    },
    [Symbol.asyncDispose]: () => entrant[Symbol.asyncDispose](),
  };
}
