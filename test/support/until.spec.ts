import { describe, expect, it } from 'vitest';
import { until, untilStill } from './until.ts';

describe('until', () => {
  it('answers what the condition answers, as soon as it answers something', async () => {
    const answers = [undefined, false, 'here'] as const;
    let asked = 0;
    expect(await until('it is here', () => answers[asked++])).toBe('here');
    expect(asked).toBe(3);
  });

  it('takes a condition that throws for one that does not hold yet', async () => {
    let asked = 0;
    const flaky = (): number => {
      asked++;
      if (asked < 3) throw new RangeError('not yet');
      return asked;
    };
    expect(await until('it stops throwing', flaky)).toBe(3);
  });

  it('says at the deadline what it waited for, and why the condition failed last', async () => {
    const failure = new RangeError('never');
    const waiting = until(
      'pigs fly',
      () => {
        throw failure;
      },
      30,
    );
    await expect(waiting).rejects.toMatchObject({
      message: 'waited 30 ms in vain until pigs fly',
      cause: failure,
    });
  });
});

describe('untilStill', () => {
  it('answers a measure that no longer changes, and not before', async () => {
    let asked = 0;
    expect(await untilStill('the count', () => Math.min(asked++, 10))).toBe(10);
    expect(asked).toBeGreaterThan(11);
  });
});
