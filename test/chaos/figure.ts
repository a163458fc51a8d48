import type { World } from './world.ts';

/** How much of everything a run does. */
export interface Scale {
  readonly sessions: number;
  /** Requests of the figure that counts them. */
  readonly requests: number;
  /** Deaths, freezes and restarts. */
  readonly rounds: number;
  /** How long Redis is away. */
  readonly outageMs: number;
  /** Sessions that are moved while others look. */
  readonly samples: number;
}

/** What every run of the tests does: enough to see that each promise is kept, too little for a figure. */
export const BRIEF: Scale = { sessions: 100, requests: 2_000, rounds: 1, outageMs: 1_500, samples: 10 };

/** What the figures of the documentation come from. */
export const FULL: Scale = { sessions: 1_000, requests: 100_000, rounds: 10, outageMs: 10_000, samples: 500 };

/** What has been measured. */
export interface Finding {
  readonly measured: string;
  /** Whether the aim is met, as far as it is a matter of time. */
  readonly isInTime: boolean;
  /** What would be wrong on the slowest machine. */
  readonly wrong: readonly string[];
}

/** A promise that is kept in figures. */
export interface Figure {
  /** For the command line. */
  readonly name: string;
  readonly what: string;
  /** What others say of it. */
  readonly others: string;
  readonly aim: string;
  /** Leaves the world as it was. */
  measure(world: World, scale: Scale): Promise<Finding>;
}
