import { expect, it } from 'vitest';
import type { SimReport } from './simulate.ts';
import { simulate } from './simulate.ts';

/** One seed and nothing else, to have a failed run again. */
const ONLY_SEED = process.env.HOLDFAST_SIM_SEED;
/** How many seeds there are in all. */
const SEEDS = Number(process.env.HOLDFAST_SIM_SEEDS ?? 2_000);
/** Seeds that have once shown something wrong, in the product or in what checks it. */
const REGRESSIONS: readonly number[] = [
  8, 48, 52, 80, 168, 192, 261, 310, 331, 343, 394, 413, 424, 503, 637, 833, 1_212, 1_830, 1_870, 2_082,
  2_213,
];
const VIOLATIONS_SHOWN = 3;
const TIMEOUT_MS = 30_000 + SEEDS * 200;

/** Lives through every so manieth seed. @param part which of the parts, from 0 */
export function itKeepsItsPromises(part: number, parts: number): void {
  const seeds = ONLY_SEED === undefined ? seedsOf(part, parts) : part === 0 ? [Number(ONLY_SEED)] : [];
  it.skipIf(seeds.length === 0)(
    `the cluster keeps its promises in ${seeds.length} worlds of part ${part + 1}`,
    async () => {
      let events = 0;
      let visits = 0;
      for (const seed of seeds) {
        const report = await simulate(seed);
        expect(report.violations, told(report)).toEqual([]);
        events += report.events;
        visits += report.history.visits.length;
      }
      process.stderr.write(`simulated ${seeds.length} seeds: ${events} events, ${visits} requests\n`);
      // Worlds in which nothing happens show nothing.
      expect(visits / seeds.length).toBeGreaterThan(50);
    },
    TIMEOUT_MS,
  );
}

const seedsOf = (part: number, parts: number): readonly number[] =>
  [...new Set([...REGRESSIONS, ...Array.from({ length: SEEDS }, (_, index) => index + 1)])].filter(
    (seed) => seed % parts === part,
  );

/** What is known of a seed that has failed, beginning with how to have it again. */
export function told({ seed, faults, violations, history }: SimReport): string {
  const shown = violations.slice(0, VIOLATIONS_SHOWN).map(({ invariant, what, atMs }) => {
    const before = history.facts.filter((fact) => fact.atMs <= atMs).slice(-8);
    const facts = before.map(
      ({ atMs: toldAtMs, ...fact }) => `  ${toldAtMs.toFixed(0)} ${JSON.stringify(fact)}`,
    );
    return [`${invariant} at ${atMs.toFixed(0)} ms: ${what}; before it:`, ...facts].join('\n');
  });
  return [`HOLDFAST_SIM_SEED=${seed} (${faults.join(', ')}): ${violations.length} violations`, ...shown].join(
    '\n',
  );
}
