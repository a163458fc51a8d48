import type { Contender } from './contenders/contender.ts';
import type { StoreOperations } from './contenders/holdfast-status.ts';
import type { StickinessCheck } from './load/sessions.ts';

/** How a contender served its sessions, beside what was measured. */
export interface Conduct extends StickinessCheck {
  /** Operations on its session map until all sessions were open, where it has one. */
  readonly openingOperations?: StoreOperations;
}

/** A contender that is ready to be measured, round by round. Disposing of it ends what it started. */
export interface Entry<Trial> extends AsyncDisposable {
  readonly contender: Contender;
  measure(): Promise<Trial>;
  /** Checks its sessions for the last time and tells of all trials and checks together. */
  conclude(): Promise<Conduct>;
}

/** What a run measured of one contender. */
export interface Series<Trial> extends Conduct {
  readonly contender: Contender;
  /** One per round, in the order of the rounds. */
  readonly trials: readonly Trial[];
}

/**
 * Measures every contender once per round, in turn, so that a machine that becomes slower or faster during the
 * run does so for all. All are ready from the beginning to the end; who is not measured is idle.
 */
export async function runRounds<Trial>(
  contenders: readonly Contender[],
  rounds: number,
  enter: (contender: Contender) => Promise<Entry<Trial>>,
  onTrial: (round: number, contender: Contender, trial: Trial) => void,
): Promise<readonly Series<Trial>[]> {
  await using running = new AsyncDisposableStack();
  const entries: { readonly entry: Entry<Trial>; readonly trials: Trial[] }[] = [];
  for (const contender of contenders) {
    entries.push({ entry: running.use(await enter(contender)), trials: [] });
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { entry, trials } of entries) {
      const trial = await entry.measure();
      trials.push(trial);
      onTrial(round, entry.contender, trial);
    }
  }
  return await Promise.all(
    entries.map(async ({ entry, trials }) => ({
      contender: entry.contender,
      trials,
      ...(await entry.conclude()),
    })),
  );
}
