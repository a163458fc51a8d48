import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { HURRY_MS } from './pace.ts';
import { Rounds } from './rounds.ts';

/** Rounds of which each takes as long as the test says, and when they began. */
function setUp() {
  const clock = new ManualClock();
  const began: number[] = [];
  const step = { tookMs: 0 };
  const take = async (): Promise<void> => {
    began.push(clock.elapsed());
    if (step.tookMs > 0) await new Promise<void>((resolve) => void clock.after(step.tookMs, resolve));
  };
  return { clock, began, step, rounds: new Rounds({ clock, take, delayMs: () => 500 }) };
}

describe('rounds', () => {
  it('do not begin before they are started, however much of a hurry somebody is in', async () => {
    const { clock, began, rounds } = setUp();
    rounds.hurry();
    await clock.advance(5_000);
    expect(began).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('begin at once, and follow each other after the delay', async () => {
    const { clock, began, rounds } = setUp();
    rounds.start();
    await clock.advance(1_100);
    expect(began).toEqual([HURRY_MS, HURRY_MS + 500, HURRY_MS + 1_000]);
  });

  it('come at once when somebody is in a hurry, one for all who are', async () => {
    const { clock, began, rounds } = setUp();
    rounds.start();
    await clock.advance(100);
    for (let turn = 0; turn < 5; turn++) rounds.hurry();
    await clock.advance(5);
    rounds.hurry();
    await clock.advance(100);
    expect(began).toEqual([HURRY_MS, 100 + HURRY_MS]);
  });

  it('are put off by nobody who keeps asking', async () => {
    const { clock, began, rounds } = setUp();
    rounds.start();
    for (let turn = 0; turn < 100; turn++) {
      rounds.hurry();
      await clock.advance(1);
    }
    expect(began.length).toBeGreaterThanOrEqual(9);
  });

  it('never overlap: a hurry during one brings another one after it', async () => {
    const { clock, began, step, rounds } = setUp();
    step.tookMs = 200;
    rounds.start();
    await clock.advance(100);
    rounds.hurry();
    await clock.advance(100);
    expect(began).toEqual([HURRY_MS]);
    await clock.advance(30);
    expect(began).toEqual([HURRY_MS, HURRY_MS + 200 + HURRY_MS]);
  });

  it('are over when the one under way is, and leave no timer', async () => {
    const { clock, began, step, rounds } = setUp();
    step.tookMs = 200;
    rounds.start();
    await clock.advance(100);
    let isOver = false;
    void rounds.stop().then(() => {
      isOver = true;
    });
    rounds.hurry();
    await clock.advance(100);
    expect(isOver).toBe(false);
    await clock.advance(5_000);
    expect(isOver).toBe(true);
    expect(began).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
