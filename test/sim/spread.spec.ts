import { describe, expect, it } from 'vitest';
import { chiSquared } from '../../packages/proxy/src/testing/selecting.ts';
import { simulate } from './simulate.ts';

const WORLDS = 150;
const TIMEOUT_MS = 60_000;
/** By the number of endpoints: what chance exceeds once in a thousand times. */
const CRITICAL: Readonly<Record<number, number>> = { 3: 13.82, 4: 16.27, 5: 18.47 };

describe('new sessions', () => {
  it(
    'I12: are spread over the endpoints as their weights say, at all nodes together',
    async () => {
      const counts = new Map<number, Map<string, number>>();
      for (let seed = 1; seed <= WORLDS; seed++) {
        const { history } = await simulate(seed, { faults: [] });
        const configured = history.facts.find((fact) => fact.kind === 'configured')?.endpoints ?? [];
        const placed = counts.get(configured.length) ?? new Map(configured.map((endpoint) => [endpoint, 0]));
        counts.set(configured.length, placed);
        for (const { outcome, servedBy } of history.visits)
          if (outcome === 'created' && servedBy !== undefined)
            placed.set(servedBy, (placed.get(servedBy) ?? 0) + 1);
      }
      for (const [endpoints, placed] of counts) {
        const found = chiSquared([...placed.values()], Array(endpoints).fill(1));
        expect(found, `${endpoints} endpoints: ${[...placed.values()].join(', ')}`).toBeLessThan(
          CRITICAL[endpoints] ?? 0,
        );
      }
    },
    TIMEOUT_MS,
  );
});
