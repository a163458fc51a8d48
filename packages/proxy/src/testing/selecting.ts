import { type Newcomer, type Selector, STRANGER } from '../balance/selector.ts';
import type { Endpoint } from '../pool/endpoint.ts';

/** A selector's choice among all candidates, or all but one. */
export const selectOf = (
  selector: Selector,
  newcomer: Newcomer = STRANGER,
  except?: Endpoint,
): Endpoint | undefined => selector.select(newcomer, (endpoint) => endpoint !== except);

/** Pearson's statistic: how far counts are from what the weights promise. */
export function chiSquared(counts: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const count = counts.reduce((sum, next) => sum + next, 0);
  return counts.reduce((sum, found, index) => {
    const expected = (count * (weights[index] as number)) / total;
    return sum + (found - expected) ** 2 / expected;
  }, 0);
}
