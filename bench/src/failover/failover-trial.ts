import type { Answer } from '../load/ask.ts';
import { fixed } from '../report/columns.ts';

/** What a session saw of the death of its endpoint. */
export interface Sights {
  /** The id of its endpoint. */
  readonly dead: string;
  /** Answers to the parallel requests at that moment, */
  readonly burst: readonly Answer[];
  /** to those after them, through both proxies, */
  readonly afterwards: readonly Answer[];
  /** to those when the endpoint was back, */
  readonly returned: readonly Answer[];
  /** and then to those of a client that still had the cookie from before. */
  readonly outdated: readonly Answer[];
}

/** What one round of one pair comes to. */
export interface FailoverTrial {
  /** Endpoints that answered parallel requests, without the dead one. */
  readonly newEndpoints: number;
  /** Parallel requests without a good answer. */
  readonly failed: number;
  /** Good answers to parallel requests from an endpoint that the session was not at in the end. */
  readonly astray: number;
  /** Whether both proxies knew the same new endpoint afterwards. */
  readonly agreed: boolean;
  /** Whether it was still that one when the dead endpoint was back. */
  readonly stayed: boolean;
  /** Whether it was so for a client with the cookie from before, too. */
  readonly held: boolean;
}

const isGood = ({ status }: Answer): boolean => status === 200;

/** What a dead endpoint answered before it was dead counts for nothing. */
export function trialOf({ dead, burst, afterwards, returned, outdated }: Sights): FailoverTrial {
  const moved = burst.filter((answer) => isGood(answer) && answer.endpoint !== dead);
  const home = afterwards.findLast(isGood)?.endpoint;
  const isHome = (answer: Answer): boolean => isGood(answer) && answer.endpoint === home;
  const agreed = home !== dead && afterwards.every(isHome);
  return {
    newEndpoints: new Set(moved.map(({ endpoint }) => endpoint)).size,
    failed: burst.filter((answer) => !isGood(answer)).length,
    astray: moved.filter((answer) => !isHome(answer)).length,
    agreed,
    stayed: agreed && returned.every(isHome),
    held: agreed && [...returned, ...outdated].every(isHome),
  };
}

/** A column of the table: what all rounds of a pair come to. */
interface FailoverColumn {
  readonly heading: string;
  cell(trials: readonly FailoverTrial[]): string;
}

/** The table of some requests in parallel. */
export const failoverColumns = (parallel: number): readonly FailoverColumn[] => [
  countColumn('rounds that scattered', ({ newEndpoints }) => newEndpoints > 1),
  meanColumn('new endpoints', ({ newEndpoints }) => newEndpoints),
  meanColumn(`astray of ${parallel}`, ({ astray }) => astray),
  meanColumn(`failed of ${parallel}`, ({ failed }) => failed),
  countColumn('agree afterwards', ({ agreed }) => agreed),
  countColumn('stays after return', ({ stayed }) => stayed),
  countColumn('with old cookie, too', ({ held }) => held),
];

const countColumn = (heading: string, holds: (trial: FailoverTrial) => boolean): FailoverColumn => ({
  heading,
  cell: (trials) => `${trials.filter(holds).length} of ${trials.length}`,
});

/** The mean, and the greatest. */
const meanColumn = (heading: string, figure: (trial: FailoverTrial) => number): FailoverColumn => ({
  heading,
  cell(trials) {
    const figures = trials.map(figure);
    const mean = figures.reduce((sum, value) => sum + value, 0) / figures.length;
    return `${fixed(mean, 1)} (≤ ${Math.max(...figures)})`;
  },
});
