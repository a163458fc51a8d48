import type { Metric, StateMetric } from './metric.ts';
import type { NumberPoint } from './snapshot.ts';

/**
 * Within the program a gauge of states has one point, whose value is the index of the state, so that of several processes the
 * worst state is the largest number. Whoever reads it from outside sees a point for each state.
 */
export const stateIndex = <State extends string>({ states }: StateMetric<State>, state: State): number =>
  states.indexOf(state);

/** One point for each state of a metric, 1 for the one that holds; the point as it is where the metric has no states. */
export function statePoints({ states, attributes }: Metric, point: NumberPoint): readonly NumberPoint[] {
  if (states === undefined) return [point];
  const attribute = attributes.at(-1) as string;
  return states.map((state, index) => ({
    attributes: { ...point.attributes, [attribute]: state },
    value: index === point.value ? 1 : 0,
  }));
}
