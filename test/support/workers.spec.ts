import { describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { atRate, inBackground, inParallel } from './workers.ts';

describe('work in parallel', () => {
  it('does every item once, and no more at a time than it was told', async () => {
    const done: number[] = [];
    let running = 0;
    let mostRunning = 0;
    await inParallel(
      Array.from({ length: 20 }, (_, index) => index),
      3,
      async (item) => {
        mostRunning = Math.max(mostRunning, ++running);
        await new Promise(setImmediate);
        running--;
        done.push(item);
      },
    );
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(mostRunning).toBe(3);
  });

  it('fails with the first item that fails', async () => {
    const failing = inParallel([1, 2, 3], 1, async (item) => {
      if (item === 2) throw new RangeError('two');
    });
    await expect(failing).rejects.toThrow('two');
  });
});

describe('work in the background', () => {
  it('goes on until it is stopped, and lets the turns under way finish', async () => {
    let begun = 0;
    const work = inBackground(2, async () => {
      begun++;
      await new Promise(setImmediate);
    });
    await until('it has made turns', () => work.turns > 10);
    await work.stop();
    expect(work.turns).toBe(begun);
  });

  it('tells of a turn that failed, but only when it is stopped', async () => {
    const work = inBackground(1, async () => {
      throw new RangeError('a turn');
    });
    await expect(work.stop()).rejects.toThrow('a turn');
  });
});

describe('work at a rate', () => {
  it('begins turn after turn, whether or not those before it are done, and lets them finish', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let begun = 0;
    const work = atRate(1_000, () => {
      begun++;
      return gate;
    });
    await until('many turns are under way', () => begun > 20);
    expect(work.turns).toBe(0);
    const stopped = work.stop();
    open();
    await stopped;
    expect(work.turns).toBe(begun);
  });

  it('tells of a turn that failed, but only when it is stopped', async () => {
    const work = atRate(1_000, async () => {
      throw new RangeError('a turn');
    });
    await expect(work.stop()).rejects.toThrow('a turn');
  });
});
