import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { Watcher } from './watcher.ts';

const watcherOf = (clock = new ManualClock()) => new Watcher(new Set(['traffic']), 60_000, clock);

describe('a watcher', () => {
  it('is sent what there is as soon as there is something, and all of it that has come meanwhile at once', async () => {
    const watcher = watcherOf();
    const first = watcher.next();
    watcher.offer('a');
    watcher.offer('b');
    watcher.offer('c');
    expect(await first).toBe('a');
    expect(await watcher.next()).toBe('bc');
  });

  it('is given up when it does not keep up, and what has waited for it is forgotten', async () => {
    const watcher = watcherOf();
    let offered = 0;
    while (!watcher.isOver && offered < 1_000) {
      watcher.offer('news');
      offered += 1;
    }
    expect(offered).toBe(121);
    expect(await watcher.next()).toBeUndefined();
  });

  it('ends one who waits for the next', async () => {
    const watcher = watcherOf();
    const next = watcher.next();
    watcher.end();
    watcher.offer('too late');
    expect(await next).toBeUndefined();
    expect(await watcher.next()).toBeUndefined();
  });
});
