import { describe, expect, it } from 'vitest';
import { downLink, isLinkLive, type Link, type LinkEvent, nextLink, SILENCE_MS } from './link.ts';

const up = (heardAtMs: number): Link => ({ kind: 'up', heardAtMs });

const transitions: { name: string; from: Link; event: LinkEvent; to: Link; isGap: boolean }[] = [
  {
    name: 'comes up with a gap, because nobody knows what went by before',
    from: downLink,
    event: { kind: 'subscribed', atMs: 100 },
    to: up(100),
    isGap: true,
  },
  {
    name: 'has a gap when it is subscribed anew without having been lost',
    from: up(90),
    event: { kind: 'subscribed', atMs: 100 },
    to: up(100),
    isGap: true,
  },
  {
    name: 'stays up when it brings something',
    from: up(0),
    event: { kind: 'heard', atMs: 500 },
    to: up(500),
    isGap: false,
  },
  {
    name: 'has a gap when it speaks after a silence',
    from: up(0),
    event: { kind: 'heard', atMs: SILENCE_MS },
    to: up(SILENCE_MS),
    isGap: true,
  },
  {
    name: 'is not brought up by a message that was still on its way',
    from: downLink,
    event: { kind: 'heard', atMs: 1 },
    to: downLink,
    isGap: false,
  },
  {
    name: 'stays up just before the third missing heartbeat',
    from: up(0),
    event: { kind: 'checked', atMs: SILENCE_MS - 1 },
    to: up(0),
    isGap: false,
  },
  {
    name: 'goes down with the third missing heartbeat',
    from: up(0),
    event: { kind: 'checked', atMs: SILENCE_MS },
    to: downLink,
    isGap: false,
  },
  {
    name: 'stays down when checked',
    from: downLink,
    event: { kind: 'checked', atMs: 1 },
    to: downLink,
    isGap: false,
  },
  { name: 'goes down when it is lost', from: up(0), event: { kind: 'lost' }, to: downLink, isGap: false },
];

describe('the link of the news', () => {
  it.each(transitions)('$name', ({ from, event, to, isGap }) => {
    expect(nextLink(from, event)).toEqual({ link: to, isGap });
  });

  it('is live for as long as heartbeats come', () => {
    expect(isLinkLive(downLink, 0)).toBe(false);
    expect(isLinkLive(up(0), SILENCE_MS - 1)).toBe(true);
    expect(isLinkLive(up(0), SILENCE_MS)).toBe(false);
  });
});
