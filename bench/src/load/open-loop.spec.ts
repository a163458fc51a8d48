import { describe, expect, it } from 'vitest';
import { Schedule } from './open-loop.ts';

describe('a schedule', () => {
  it('spaces requests evenly', () => {
    const schedule = new Schedule(100, 500, 1);

    expect(schedule.total).toBe(500);
    expect(schedule.takeDue(99)).toBeUndefined();
    expect(schedule.takeDue(100)).toBe(100);
    expect(schedule.takeDue(101)).toBeUndefined();
    expect(schedule.takeDue(102.5)).toBe(102);
  });

  it('makes up for a stop with requests that keep the moment at which they were due', () => {
    const schedule = new Schedule(0, 1_000, 1);

    expect([schedule.takeDue(2.5), schedule.takeDue(2.5), schedule.takeDue(2.5)]).toEqual([0, 1, 2]);
    expect(schedule.takeDue(2.5)).toBeUndefined();
  });

  it('is over after its last request', () => {
    const schedule = new Schedule(0, 10, 0.2);
    schedule.takeDue(500);
    expect(schedule.isOver).toBe(false);
    schedule.takeDue(500);

    expect(schedule.isOver).toBe(true);
    expect(schedule.takeDue(500)).toBeUndefined();
  });
});
