import type { Finding, Visit } from './visitor.ts';

/** What visitors found, added up. */
export interface Tally extends Readonly<Record<Finding, number>> {
  readonly visits: number;
  /** Visits by the endpoint that answered. */
  readonly endpoints: Readonly<Record<string, number>>;
  /** Visits by the node that brought the answer. */
  readonly nodes: Readonly<Record<string, number>>;
  /** What went wrong, and how often. */
  readonly causes: Readonly<Record<string, number>>;
}

export const EMPTY_TALLY: Tally = {
  visits: 0,
  new: 0,
  kept: 0,
  moved: 0,
  lost: 0,
  failed: 0,
  endpoints: {},
  nodes: {},
  causes: {},
};

/** The tally with one visit more. */
export const counted = (tally: Tally, { finding, endpoint, node, cause }: Visit): Tally => ({
  ...tally,
  visits: tally.visits + 1,
  [finding]: tally[finding] + 1,
  endpoints: oneMore(tally.endpoints, endpoint),
  nodes: oneMore(tally.nodes, node),
  causes: oneMore(tally.causes, cause),
});

const oneMore = (counts: Readonly<Record<string, number>>, name: string | undefined) =>
  name === undefined || name === '' ? counts : { ...counts, [name]: (counts[name] ?? 0) + 1 };
