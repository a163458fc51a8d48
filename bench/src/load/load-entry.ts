import type { Entrant } from '../entrant.ts';
import type { Cores } from '../machine/cores.ts';
import type { Entry } from '../rounds.ts';
import { type LoadTrial, measureLoad } from '../trial.ts';
import type { LoadResult } from './load.ts';

/** What a load generator saw that looks at the endpoint of each of its connections. */
export interface PlacedLoadResult extends LoadResult {
  /** Connections that came to another endpoint than the session's. */
  readonly moved?: number;
}

/**
 * Lets `drive` put load on a warm contender in every round. Its sessions are checked before the first and after the
 * last one.
 */
export async function loadEntry<Result extends PlacedLoadResult>(
  entrant: Entrant,
  cores: Cores,
  drive: () => Promise<Result>,
): Promise<Entry<LoadTrial<Result>>> {
  const { contender, openingOperations } = entrant;
  let { moved, failed } = await entrant.check();
  return {
    contender,
    async measure() {
      const trial = await measureLoad(entrant, cores, drive);
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
