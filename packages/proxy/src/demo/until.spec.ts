import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { until } from './until.ts';

describe('waiting until something is so', () => {
  it('answers what the condition answers, as soon as it does', async () => {
    const clock = new ManualClock();
    let state: string | undefined;
    const waiting = until('it is there', () => state, { clock, deadlineMs: 1_000 });
    await clock.advance(200);
    state = 'there';
    await clock.advance(50);
    expect(await waiting).toBe('there');
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up at the deadline and says what it waited for', async () => {
    const clock = new ManualClock();
    const waiting = until('it is there', () => undefined, { clock, deadlineMs: 1_000 }).catch(String);
    await clock.advance(1_000);
    expect(await waiting).toContain('waited 1000 ms in vain until it is there');
  });

  it('gives up at once when it is told to stop', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const waiting = until('it is there', () => undefined, { clock, deadlineMs: 60_000, signal: stop.signal });
    const failed = waiting.catch(String);
    stop.abort();
    await clock.advance(50);
    expect(await failed).toContain('stopped waiting until it is there');
  });
});
