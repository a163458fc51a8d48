import { describe, expect, it } from 'vitest';
import type { Contender } from './contenders/contender.ts';
import type { Series } from './rounds.ts';
import { summarize } from './summary.ts';
import type { Trial } from './trial.ts';

const contender = (name: string): Contender => ({
  name,
  title: name,
  programs: [],
  version: () => '1.0',
  launch: () => ({ files: {}, command: name, args: [] }),
});

const trial = (cpuUs: number, proxyShare = 1, foreignShare = 0): Trial => ({
  load: {
    requests: 1_000,
    durationMs: 1_000,
    requestsPerSecond: 1_000_000 / cpuUs,
    p50Ms: 1,
    p99Ms: 2,
    errors: 0,
  },
  usage: { userUsPerRequest: cpuUs - 4, systemUsPerRequest: 4, proxyShare, foreignShare, restShare: 0.5 },
});

const series = (name: string, trials: readonly Trial[]): Series => ({
  contender: contender(name),
  trials,
  moved: 0,
  errors: 0,
});

describe('a summary', () => {
  it('compares with HAProxy in the same round, so that a slow half of the machine cancels out', () => {
    // The machine is twice as slow in the second round, and everything with it.
    const [holdfast] = summarize([
      series('holdfast', [trial(12), trial(24)]),
      series('haproxy', [trial(10), trial(20)]),
    ]);

    expect(holdfast!.cpuUsPerRequest).toEqual({ median: 18, min: 12, max: 24 });
    expect(holdfast!.cpuRatio).toEqual({ median: 1.2, min: 1.2, max: 1.2 });
    expect(holdfast!.throughputRatio!.median).toBeCloseTo(1 / 1.2);
  });

  it('has no ratios in a run without HAProxy', () => {
    const [holdfast] = summarize([series('holdfast', [trial(12)])]);

    expect(holdfast).not.toHaveProperty('cpuRatio');
    expect(holdfast).not.toHaveProperty('throughputRatio');
  });

  it('counts the rounds that were saturated, and those that others disturbed', () => {
    const trials = [trial(10), trial(10, 0.8), trial(10, 0.8, 0.2)];

    expect(summarize([series('nginx', trials)])[0]).toMatchObject({
      rounds: 3,
      saturatedRounds: 1,
      disturbedRounds: 1,
    });
  });

  it('adds up operations on the session map over the rounds', () => {
    const storeOperations = { find: 1, pin: 2, repin: 0, touch: 0, unpin: 0 };
    const withStore = { ...trial(10), storeOperations };

    const [holdfast] = summarize([series('holdfast', [withStore, withStore])]);

    expect(holdfast!.storeOperations).toEqual({ find: 2, pin: 4, repin: 0, touch: 0, unpin: 0 });
  });
});
