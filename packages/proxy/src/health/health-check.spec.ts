import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterProbe, type HealthCheckState, initialHealthCheck, type ProbeResult } from './health-check.ts';

const thresholds = { healthyAfter: 2, unhealthyAfter: 3 };

const passing = (failures: number): HealthCheckState => ({ kind: 'passing', failures });
const failing = (passes: number): HealthCheckState => ({ kind: 'failing', passes });

describe('the health check of an endpoint', () => {
  it('starts as passing: a node that has not probed yet refuses nobody', () => {
    expect(initialHealthCheck).toEqual(passing(0));
  });

  it.each<[HealthCheckState, ProbeResult, HealthCheckState]>([
    [passing(0), 'passed', passing(0)],
    [passing(0), 'failed', passing(1)],
    [passing(1), 'failed', passing(2)],
    [passing(2), 'failed', failing(0)],
    [passing(2), 'passed', passing(0)],
    [failing(0), 'failed', failing(0)],
    [failing(0), 'passed', failing(1)],
    [failing(1), 'failed', failing(0)],
    [failing(1), 'passed', passing(0)],
  ])('goes from %j, when a probe has %s, to %j', (state, result, next) => {
    expect(afterProbe(state, result, thresholds)).toEqual(next);
  });

  it('changes at the first probe where one is enough', () => {
    const atOnce = { healthyAfter: 1, unhealthyAfter: 1 };
    expect(afterProbe(passing(0), 'failed', atOnce)).toEqual(failing(0));
    expect(afterProbe(failing(0), 'passed', atOnce)).toEqual(passing(0));
  });
});

describe('over any run of probes', () => {
  const runs = fc.record({
    healthyAfter: fc.integer({ min: 1, max: 5 }),
    unhealthyAfter: fc.integer({ min: 1, max: 5 }),
    results: fc.array(fc.constantFrom<ProbeResult>('passed', 'failed'), { maxLength: 60 }),
  });

  it('an endpoint changes with exactly as many probes of the other kind in a row as are configured', () => {
    fc.assert(
      fc.property(runs, ({ results, ...limits }) => {
        let state = initialHealthCheck;
        let inARow = 0;
        for (const result of results) {
          const before = state.kind;
          const contradicts = (before === 'passing') === (result === 'failed');
          inARow = contradicts ? inARow + 1 : 0;
          state = afterProbe(state, result, limits);
          const needed = before === 'passing' ? limits.unhealthyAfter : limits.healthyAfter;
          expect(state.kind !== before).toBe(inARow === needed);
          if (state.kind !== before) inARow = 0;
        }
      }),
    );
  });

  it('the count stays below its threshold', () => {
    fc.assert(
      fc.property(runs, ({ results, ...limits }) => {
        let state = initialHealthCheck;
        for (const result of results) {
          state = afterProbe(state, result, limits);
          if (state.kind === 'passing') expect(state.failures).toBeLessThan(limits.unhealthyAfter);
          else expect(state.passes).toBeLessThan(limits.healthyAfter);
        }
      }),
    );
  });
});
