/** Longest sequence that is computed; larger sums of weights are scaled down to it, keeping every weight at 1 or more. */
const LENGTH_MAX = 4096;

/**
 * Smooth weighted round robin (the algorithm of nginx) as one turn written out: a list of indices in which
 * each appears as often as its weight says, spread as evenly as can be. Weights 5, 1, 1 give 0 0 1 0 2 0 0.
 *
 * Computed once per change of the candidates, so that a selection is one array read, however many they are.
 *
 * @param weights whole numbers of at least 1
 */
export function smoothSequence(weights: readonly number[]): readonly number[] {
  const shares = reduce(weights);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const credits = shares.map(() => 0);
  const sequence: number[] = [];
  while (sequence.length < total) {
    let richest = 0;
    for (const [index, share] of shares.entries()) {
      credits[index] = (credits[index] ?? 0) + share;
      if ((credits[index] ?? 0) > (credits[richest] ?? 0)) richest = index;
    }
    credits[richest] = (credits[richest] ?? 0) - total;
    sequence.push(richest);
  }
  return sequence;
}

/** The same proportions in the smallest whole numbers, as far as {@link LENGTH_MAX} allows. */
function reduce(weights: readonly number[]): readonly number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const shares = weights.map((weight) => weight / divisor);
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total <= LENGTH_MAX) return shares;
  return shares.map((share) => Math.max(1, Math.round((share * LENGTH_MAX) / total)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
