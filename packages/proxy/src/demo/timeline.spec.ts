import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { type DemoEvent, describeEvent, Timeline } from './timeline.ts';

const arrival = (cart: string): DemoEvent => ({
  kind: 'session-arrived',
  cart,
  endpoint: 'a',
  hasLostCart: false,
});

describe('the timeline', () => {
  it('lists the newest first, with the time at which it happened', async () => {
    const clock = new ManualClock(1_000);
    const timeline = new Timeline(clock);
    timeline.record({ kind: 'endpoint-killed', endpoint: 'a' });
    await clock.advance(500);
    timeline.record({ kind: 'endpoint-revived', endpoint: 'a' });
    expect(timeline.entriesFor(undefined)).toMatchObject([
      { id: 2, atMs: 1_500, kind: 'endpoint-revived' },
      { id: 1, atMs: 1_000, kind: 'endpoint-killed' },
    ]);
  });

  it('shows a visitor no session but their own', () => {
    const timeline = new Timeline(new ManualClock());
    timeline.record(arrival('mine'));
    timeline.record(arrival('theirs'));
    timeline.record({ kind: 'node-restarted', node: 'node-1' });
    expect(timeline.entriesFor('mine').map(({ id }) => id)).toEqual([3, 1]);
    expect(timeline.entriesFor(undefined).map(({ id }) => id)).toEqual([3]);
  });

  it('forgets the oldest of more than 500 events', () => {
    const timeline = new Timeline(new ManualClock());
    timeline.record(arrival('first'));
    for (let count = 0; count < 500; count += 1) timeline.record(arrival('other'));
    expect(timeline.entriesFor('first')).toEqual([]);
    expect(timeline.entriesFor('other')).toHaveLength(30);
  });
});

describe('an arrival in words', () => {
  const cases: { event: Extract<DemoEvent, { kind: 'session-arrived' }>; text: string }[] = [
    {
      event: { kind: 'session-arrived', cart: 'x', endpoint: 'a', hasLostCart: false },
      text: 'Your session was pinned to a',
    },
    {
      event: {
        kind: 'session-arrived',
        cart: 'x',
        endpoint: 'b',
        hasLostCart: true,
        moved: { from: 'shop/a', reason: 'endpoint-down' },
      },
      text: 'Your session moved from a to b: endpoint-down',
    },
    {
      event: { kind: 'session-arrived', cart: 'x', endpoint: 'a', hasLostCart: true },
      text: 'Your session is on a, whose process has no memory of its cart',
    },
  ];
  it.each(cases)('$text', ({ event, text }) => expect(describeEvent(event)).toBe(text));
});
