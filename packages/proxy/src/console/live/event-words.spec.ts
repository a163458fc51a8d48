import { describe, expect, it } from 'vitest';
import type { AdminEvent } from '../../admin/api.ts';
import { eventLines } from './event-words.ts';

const AT = '2026-11-21T20:00:00.000Z';
const KEY = 'k3y-of-a-session-in-22';

const event = (given: Omit<AdminEvent, 'at'>): AdminEvent => ({ at: AT, ...given });
const moves = (count: number, endpoint: string) =>
  Array.from({ length: count }, (_, number) =>
    event({ type: 'session-moved', key: String(number).padStart(22, 'k'), endpoint }),
  );

describe('an event in words', () => {
  it.each<[Omit<AdminEvent, 'at'>, string]>([
    [{ type: 'session-moved', key: KEY, endpoint: 'shop/b' }, 'Session k3y-of-a-se… moved to shop/b'],
    [{ type: 'session-moved', key: KEY }, 'Session k3y-of-a-se… moved'],
    [{ type: 'session-forgotten', key: KEY }, 'Session k3y-of-a-se… was forgotten'],
    [{ type: 'endpoint-changed', endpoint: 'shop/b', standing: 'down' }, 'Endpoint shop/b is down'],
    [{ type: 'endpoint-removed', endpoint: 'shop/b' }, 'Endpoint shop/b was removed'],
    [{ type: 'store-mode-changed', mode: 'degraded' }, 'The session map is away: degraded mode'],
    [
      { type: 'rebalance-started', pool: 'shop', state: 'running', moved: 0 },
      'Pool shop is being rebalanced',
    ],
    [
      { type: 'rebalance-finished', pool: 'shop', state: 'balanced', moved: 2 },
      'Rebalance of pool shop: balanced, 2 sessions moved',
    ],
    [{ type: 'node-joined', node: 'node-2' }, 'Node node-2 is alive'],
    [{ type: 'node-suspect', node: 'node-2' }, 'Node node-2 has fallen silent'],
    [{ type: 'node-left', node: 'node-2' }, 'Node node-2 has left'],
    [{ type: 'events-missed' }, 'Some events may have been missed'],
  ])('%j', (given, text) => {
    expect(eventLines([event(given)])).toEqual([
      { at: AT, type: given.type, text, ...(given.key !== undefined && { key: given.key }) },
    ]);
  });

  it('is one for many sessions that move to one endpoint together, and one each for few', () => {
    const events = [
      ...moves(6, 'shop/b'),
      event({ type: 'endpoint-changed', endpoint: 'shop/a', standing: 'down' }),
      ...moves(5, 'shop/c'),
    ];
    const texts = eventLines(events).map(({ text }) => text);
    expect(texts).toHaveLength(7);
    expect(texts).toContain('6 sessions moved to shop/b');
    expect(texts.filter((text) => text.endsWith('moved to shop/c'))).toHaveLength(5);
  });

  it('never sums up what is not about sessions', () => {
    const events = Array.from({ length: 9 }, (_, number) =>
      event({ type: 'endpoint-changed', endpoint: `shop/${number}`, standing: 'down' }),
    );
    expect(eventLines(events)).toHaveLength(9);
  });
});
