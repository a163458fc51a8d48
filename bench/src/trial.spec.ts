import { describe, expect, it } from 'vitest';
import { type Times, usageBetween } from './trial.ts';

const LOAD = { requests: 100_000, durationMs: 2_000 };

const IDLE: Times = {
  proxy: { userMs: 500, systemMs: 700 },
  proxyCore: { busyMs: 10_000, totalMs: 60_000 },
  rest: { busyMs: 20_000, totalMs: 60_000 },
};

describe('usage', () => {
  it("is the CPU time between two readings, not the process's whole life", () => {
    const after: Times = {
      proxy: { userMs: 1_300, systemMs: 1_900 },
      proxyCore: { busyMs: 12_000, totalMs: 62_000 },
      rest: { busyMs: 21_000, totalMs: 62_000 },
    };

    const usage = usageBetween(IDLE, after, LOAD);

    expect(usage).toMatchObject({
      userUsPerRequest: 8,
      systemUsPerRequest: 12,
      proxyShare: 1,
      foreignShare: 0,
      restShare: 0.5,
    });
  });

  it('shows what others took of the core, which the proxy then could not have', () => {
    const after: Times = {
      ...IDLE,
      proxy: { userMs: 1_100, systemMs: 1_100 },
      proxyCore: { busyMs: 11_800, totalMs: 62_000 },
      rest: { busyMs: 22_000, totalMs: 62_000 },
    };

    const { proxyShare, foreignShare } = usageBetween(IDLE, after, LOAD);

    expect(proxyShare).toBeCloseTo(0.5);
    expect(foreignShare).toBeCloseTo(0.4);
  });
});
