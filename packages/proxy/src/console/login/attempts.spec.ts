import { ManualClock } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Attempts, WRONG_IN_ALL_MAX, WRONG_PER_ADDRESS_MAX } from './attempts.ts';

let clock: ManualClock;
let attempts: Attempts;
beforeEach(() => {
  clock = new ManualClock();
  attempts = new Attempts(clock);
});

const guess = (times: number, address: string): void => {
  for (let count = 0; count < times; count++) attempts.wrong(address);
};

describe('whoever shows wrong tokens', () => {
  it('has so many in a minute, and waits for its end then', async () => {
    guess(WRONG_PER_ADDRESS_MAX - 1, '10.0.0.1');
    expect(attempts.waitMs('10.0.0.1')).toBe(0);
    await clock.advance(20_000);
    guess(1, '10.0.0.1');
    expect(attempts.waitMs('10.0.0.1')).toBe(40_000);
    await clock.advance(40_000);
    expect(attempts.waitMs('10.0.0.1')).toBe(0);
  });

  it('keeps nobody else from logging in', () => {
    guess(WRONG_PER_ADDRESS_MAX, '10.0.0.1');
    expect(attempts.waitMs('10.0.0.2')).toBe(0);
  });

  it('gains nothing by many addresses', () => {
    for (let number = 0; number < WRONG_IN_ALL_MAX; number++) guess(1, `10.0.0.${number}`);
    expect(attempts.waitMs('10.1.1.1')).toBeGreaterThan(0);
  });
});
