/**
 * What kind of numbers a metric has, in the words of OpenTelemetry.
 *
 * - `counter`: only grows, from zero at the start of the process that counts
 * - `gauge`: what is the case when somebody asks
 * - `up-down-counter`: a gauge of something that can be added up
 * - `histogram`: how often a value was at most as large as each of some bounds, and the sum of the values
 */
export type MetricKind = 'counter' | 'gauge' | 'up-down-counter' | 'histogram';

/**
 * How the processes of a node make one number of those that each of them has.
 *
 * - `sum`, `max`, `min`: of all of them
 * - `first`: that of the process that probes endpoints and speaks for the node
 */
export type Merge = 'sum' | 'max' | 'min' | 'first';

/** One metric: everything that anybody has to know of it but its numbers. */
export interface Metric {
  /** As OpenTelemetry writes names. */
  readonly name: string;
  readonly kind: MetricKind;
  /** As UCUM writes units; empty where the number is no more than a yes or a no. */
  readonly unit: string;
  /** For people: what is counted, and when. */
  readonly description: string;
  /** The names of its attributes. A series lacks those that do not apply to it. */
  readonly attributes: readonly string[];
  readonly merge: Merge;
  /** The upper bounds of the buckets of a histogram, in its unit; each belongs to the bucket below it. */
  readonly buckets?: readonly number[];
  /**
   * Of a gauge that is 1 for the state that holds and 0 for the others: all states, the worst one last, as values of its last
   * attribute.
   */
  readonly states?: readonly string[];
}

type Described = Pick<Metric, 'unit' | 'description' | 'attributes'>;

export const counter = (name: string, described: Described): Metric => ({
  name,
  kind: 'counter',
  merge: 'sum',
  ...described,
});

export const histogram = (
  name: string,
  described: Described & { readonly buckets: readonly number[] },
): Metric => ({ name, kind: 'histogram', merge: 'sum', ...described });

export const upDownCounter = (name: string, described: Described): Metric => ({
  name,
  kind: 'up-down-counter',
  merge: 'sum',
  ...described,
});

export const gauge = (name: string, described: Described & { readonly merge: Merge }): Metric => ({
  name,
  kind: 'gauge',
  ...described,
});

/** A metric of states. */
export interface StateMetric<State extends string> extends Metric {
  readonly states: readonly State[];
}

/** A gauge that says which state holds; of several processes that of the one that is worst off. */
export const stateGauge = <const State extends string>(
  name: string,
  { states, ...described }: Omit<Described, 'unit'> & { readonly states: readonly State[] },
): StateMetric<State> => ({ name, kind: 'gauge', unit: '', merge: 'max', ...described, states });
