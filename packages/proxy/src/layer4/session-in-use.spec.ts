import { type EpochMs, Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { Resolution } from '../affinity/affinity.ts';
import { keepAliveEveryMs } from '../affinity/keep-alive.ts';
import { NoAffinity } from '../affinity/no-affinity.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { testPool } from '../testing/test-pool.ts';
import { SessionInUse } from './session-in-use.ts';

/** An affinity that notes what it is asked to keep alive. */
class NotingAffinity extends NoAffinity {
  readonly kept: { readonly resolution: Resolution; readonly nowMs: EpochMs }[] = [];

  override keepAlive(resolution?: Resolution, nowMs?: EpochMs): void {
    if (resolution !== undefined && nowMs !== undefined) this.kept.push({ resolution, nowMs });
  }
}

function setUp(idleTimeout: number) {
  const clock = new ManualClock(1_000_000);
  const ticker = new Ticker(clock, 100);
  const affinity = new NotingAffinity(testPool());
  const session = new SessionInUse(affinity, keepAliveEveryMs({ idleTimeout }), ticker, clock);
  ticker.add(session);
  return { clock, affinity, session };
}

describe('a session in use', () => {
  it('is kept alive often enough that no quarter of its idle timeout is missed', async () => {
    const { clock, affinity, session } = setUp(8_000);
    session.resolution = testResolution();
    await clock.advance(8_000);
    const times = affinity.kept.map(({ nowMs }) => nowMs - 1_000_000);
    expect(times).toEqual([1_100, 2_200, 3_300, 4_400, 5_500, 6_600, 7_700]);
    expect(affinity.kept[0]?.resolution).toBe(session.resolution);
  });

  it('is nobody’s before it has a place, and never where there are no sessions', async () => {
    const placeless = setUp(8_000);
    await placeless.clock.advance(8_000);
    expect(placeless.affinity.kept).toEqual([]);
    const sessionless = setUp(0);
    sessionless.session.resolution = testResolution();
    await sessionless.clock.advance(60_000);
    expect(sessionless.affinity.kept).toEqual([]);
  });
});
