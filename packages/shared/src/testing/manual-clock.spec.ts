import { describe, expect, it } from 'vitest';
import { sleep } from '../clock.ts';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.elapsed()]).toEqual([1_000, 0]);
    await clock.advance(250);
    expect([clock.now(), clock.elapsed()]).toEqual([1_250, 250]);
  });

  it('fires timers in the order of their deadlines, each at its own moment', async () => {
    const clock = new ManualClock(0);
    const fired: [string, number][] = [];
    clock.after(20, () => fired.push(['second', clock.now()]));
    clock.after(10, () => fired.push(['first', clock.now()]));
    clock.after(31, () => fired.push(['not yet', clock.now()]));
    await clock.advance(30);
    expect(fired).toEqual([
      ['first', 10],
      ['second', 20],
    ]);
    expect(clock.pendingTimers).toBe(1);
  });

  it('fires timers that were set on the way, where they fall due in time', async () => {
    const clock = new ManualClock(0);
    const awake: number[] = [];
    const worker = async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(clock, 10);
        awake.push(clock.now());
      }
    };
    void worker();
    await clock.advance(25);
    expect(awake).toEqual([10, 20]);
  });

  it('does not fire what was cancelled, and no longer counts it', async () => {
    const clock = new ManualClock(0);
    let hasFired = false;
    clock.after(1, () => {
      hasFired = true;
    })();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(10);
    expect(hasFired).toBe(false);
  });
});
