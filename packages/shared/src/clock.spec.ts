import { describe, expect, it } from 'vitest';
import { sleep, systemClock } from './clock.ts';

describe('systemClock', () => {
  it('fires timers in the order of their delays', async () => {
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      systemClock.after(20, () => {
        fired.push('late');
        resolve();
      });
      systemClock.after(1, () => fired.push('early'));
    });
    expect(fired).toEqual(['early', 'late']);
  });

  it('does not fire a timer that was cancelled, and forgives a second cancel', async () => {
    let hasFired = false;
    const cancel = systemClock.after(1, () => {
      hasFired = true;
    });
    cancel();
    cancel();
    // A timer with a later deadline is the proof that the cancelled one has had its chance.
    await sleep(systemClock, 2);
    expect(hasFired).toBe(false);
  });

  it('measures durations with a clock that does not go back', () => {
    const readings = Array.from({ length: 1_000 }, () => systemClock.elapsed());
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  });
});
