import type { Contender } from './contenders/contender.ts';
import type { StoreOperations } from './contenders/holdfast-status.ts';
import { type Conditions, type Entrant, prepareEntrant } from './entrant.ts';
import { checkStickiness } from './sessions.ts';
import { runTrial, type Trial } from './trial.ts';

/** What a run measured of one contender. */
export interface Series {
  readonly contender: Contender;
  /** One per round, in the order of the rounds. */
  readonly trials: readonly Trial[];
  /** Sessions that another endpoint served than at first: in the check before the load and the one after it. */
  readonly moved: number;
  /** Requests without a good answer, under load and in the checks. */
  readonly errors: number;
  /** Operations on its session map until all sessions were open, where it has one. */
  readonly openingOperations?: StoreOperations;
}

/**
 * Measures every contender once per round, in turn, so that a machine that becomes slower or faster during the
 * run does so for all. All run from the beginning to the end; who is not measured is idle.
 */
export async function runRounds(
  contenders: readonly Contender[],
  rounds: number,
  conditions: Conditions,
  onTrial: (round: number, contender: Contender, trial: Trial) => void,
): Promise<readonly Series[]> {
  await using running = new AsyncDisposableStack();
  const entrants: { readonly entrant: Entrant; readonly trials: Trial[] }[] = [];
  for (const contender of contenders) {
    entrants.push({ entrant: running.use(await prepareEntrant(contender, conditions)), trials: [] });
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { entrant, trials } of entrants) {
      const trial = await runTrial(entrant, conditions.cores);
      trials.push(trial);
      onTrial(round, entrant.contender, trial);
    }
  }
  return await Promise.all(entrants.map(({ entrant, trials }) => conclude(entrant, trials)));
}

async function conclude(entrant: Entrant, trials: readonly Trial[]): Promise<Series> {
  const { contender, setup, sessions, firstCheck, openingOperations } = entrant;
  const lastCheck = await checkStickiness(setup.port, sessions);
  const underLoad = trials.reduce((sum, { load }) => sum + load.errors, 0);
  return {
    contender,
    trials,
    moved: firstCheck.moved + lastCheck.moved,
    errors: underLoad + firstCheck.failed + lastCheck.failed,
    ...(openingOperations && { openingOperations }),
  };
}
