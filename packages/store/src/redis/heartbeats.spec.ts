import { describe, expect, it } from 'vitest';
import { Heartbeats } from './heartbeats.ts';

describe('a heartbeat', () => {
  it('is complete with its only copy, once', () => {
    const heartbeats = new Heartbeats();
    const text = heartbeats.next(1);
    expect(heartbeats.isComplete(text)).toBe(true);
    expect(heartbeats.isComplete(text)).toBe(false);
  });

  it('is complete with the copy of the last primary, whatever comes in between', () => {
    const heartbeats = new Heartbeats();
    const [first, second] = [heartbeats.next(3), heartbeats.next(3)];
    const heard = [first, second, first, second, second, first].map((text) => heartbeats.isComplete(text));
    expect(heard).toEqual([false, false, false, false, true, true]);
  });

  it('is never complete where one primary is not heard, however often others are', () => {
    const heartbeats = new Heartbeats();
    for (let round = 0; round < 10; round += 1) {
      const text = heartbeats.next(2);
      expect(heartbeats.isComplete(text)).toBe(false);
    }
  });

  it('counts for as long as the link may be silent, and not later', () => {
    const heartbeats = new Heartbeats();
    const [late, later] = [heartbeats.next(1), heartbeats.next(1), heartbeats.next(1), heartbeats.next(1)];
    expect(heartbeats.isComplete(late!)).toBe(false);
    expect(heartbeats.isComplete(later!)).toBe(true);
  });

  it('is nothing that somebody else says, and nothing that no primary was sent', () => {
    const heartbeats = new Heartbeats();
    expect(heartbeats.isComplete(heartbeats.next(0))).toBe(false);
    expect(heartbeats.isComplete('')).toBe(false);
    expect(heartbeats.isComplete('1000')).toBe(false);
  });
});
