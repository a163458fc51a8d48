import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

/** How much work is done at that rate within a time. */
async function worked(perSecond: number, forMs: number): Promise<number> {
  const clock = new ManualClock();
  const pace = new Pace(clock, perSecond);
  let done = 0;
  const work = async (): Promise<void> => {
    while (clock.elapsed() < forMs) {
      await pace.next();
      done++;
    }
  };
  const working = work();
  await settle();
  await clock.advance(forMs + 1_000);
  await working;
  return done;
}

describe('a pace', () => {
  it.each([1, 50, 1_000])('keeps work to %i in a second', async (perSecond) => {
    const done = await worked(perSecond, 10_000);
    expect(done).toBeGreaterThanOrEqual(perSecond * 10 * 0.98);
    expect(done).toBeLessThanOrEqual(perSecond * 10 * 1.02 + 2);
  });

  it('does not make up for a time in which there was nothing to do', async () => {
    const clock = new ManualClock();
    const pace = new Pace(clock, 10);
    await pace.next();
    await clock.advance(60_000);
    let done = 0;
    const working = (async () => {
      for (let turn = 0; turn < 5; turn++) {
        await pace.next();
        done++;
      }
    })();
    await clock.advance(100);
    expect(done).toBeLessThanOrEqual(2);
    await clock.advance(400);
    await working;
  });
});
