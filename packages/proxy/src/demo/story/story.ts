import { type Clock, HoldfastError } from '@holdfast/shared';
import type { Stage } from '../stage.ts';
import type { Finding } from './finding.ts';
import { describeEnding, describeFinding, describeTitle } from './report.ts';
import { NOWHERE, STEPS } from './steps.ts';
import { Visitor } from './visitor.ts';

export interface StoryOptions {
  readonly stage: Stage;
  readonly clock: Clock;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Plays the story of one session with real requests, and writes what is observed at every step. Ends with
 * the first step that shows something else, because the later ones build on it.
 *
 * @returns whether every step was observed
 */
export async function tellStory({ stage, clock, write, signal }: StoryOptions): Promise<boolean> {
  const startMs = clock.elapsed();
  const visitor = new Visitor();
  let home = NOWHERE;
  for (const [index, step] of STEPS.entries()) {
    write(describeTitle(index + 1, STEPS.length, step.title));
    const finding = await observed(() => step.play({ stage, clock, signal, visitor, home }));
    write(describeFinding(finding));
    if (finding.kind === 'missed') return false;
    home = finding.home;
  }
  write(describeEnding(STEPS.length, clock.elapsed() - startMs));
  return true;
}

/** A wait in vain is a finding like any other. */
async function observed(play: () => Promise<Finding>): Promise<Finding> {
  try {
    return await play();
  } catch (error) {
    return {
      kind: 'missed',
      expected: 'the step to come to its end',
      seen: HoldfastError.from(error).message,
    };
  }
}
