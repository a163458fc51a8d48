import { endpointId, type Pin, poolName, sessionKey } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidationListeners } from './invalidation-listeners.ts';
import { FORGOTTEN } from './invalidations.ts';
import { NearCache, type NearCacheOptions } from './near-cache.ts';

const NOW = 1_700_000_000_000;
const STALE_AFTER_MS = 1_000;
const key = sessionKey('AAAAAAAAAAAAAAAAAAAAAA');
const otherKey = sessionKey('zzAAAAAAAAAAAAAAAAAAAA');

const pinOf = (id: string, version: number, changes: Partial<Pin> = {}): Pin => ({
  endpoint: endpointId(poolName('shop'), id),
  version,
  pinnedAtMs: NOW,
  expiresAtMs: NOW + 60_000,
  endsAtMs: NOW + 3_600_000,
  ...changes,
});

/** A near cache, and the link by which it hears of other nodes. */
function setUp(options: Partial<NearCacheOptions> = {}) {
  const news = new InvalidationListeners();
  const link = { isLive: true };
  const cache = new NearCache(
    { entriesMax: 100, staleAfterMs: STALE_AFTER_MS, ...options },
    { isLive: () => link.isLive, subscribe: (listener) => news.add(listener) },
  );
  const remember = (pin: Pin) => cache.put(key, pin, NOW, cache.mark(key));
  return { cache, news, link, remember };
}

describe('a near cache while news flows', () => {
  it('answers with what it was given, however long ago', () => {
    const { cache, remember } = setUp();
    remember(pinOf('a', 1));
    expect(cache.get(key, NOW + 59_999)).toMatchObject({ pin: pinOf('a', 1), confirmedAtMs: NOW });
    expect(cache.get(otherKey, NOW)).toBeUndefined();
  });

  it.each([
    ['idle deadline', { expiresAtMs: NOW + 10 }],
    ['end', { endsAtMs: NOW + 10 }],
  ])('does not answer past the %s of a pin, nor recalls it', (_, changes) => {
    const { cache, remember } = setUp();
    remember(pinOf('a', 1, changes));
    expect(cache.get(key, NOW + 9)).toBeDefined();
    expect(cache.get(key, NOW + 10)).toBeUndefined();
    expect(cache.recall(key, NOW + 10)).toBeUndefined();
  });

  it('recalls what its node has assumed without the store, and never answers with it', () => {
    const { cache, remember } = setUp();
    cache.assume(key, pinOf('b', 2));
    expect(cache.get(key, NOW)).toBeUndefined();
    expect(cache.recall(key, NOW)).toEqual(pinOf('b', 2));
    remember(pinOf('a', 3));
    expect(cache.get(key, NOW)?.pin).toEqual(pinOf('a', 3));
  });

  it('forgets what its node has assumed when another node has written that version', () => {
    const { cache, news } = setUp();
    cache.assume(key, pinOf('b', 2));
    news.sessionChanged(key, 2);
    expect(cache.recall(key, NOW)).toBeUndefined();
  });

  it('does not remember a pin whose endpoint has to be told of its arrival, nor what it knew before', () => {
    const { cache, remember } = setUp();
    remember(pinOf('a', 1));
    const arrival = { from: endpointId(poolName('shop'), 'a'), reason: 'rebalanced' } as const;
    remember(pinOf('b', 2, { arrival }));
    expect(cache.get(key, NOW)).toBeUndefined();
    expect(cache.recall(key, NOW)).toBeUndefined();
  });

  it('forgets a session that another node has moved', () => {
    const { cache, news, remember } = setUp();
    remember(pinOf('a', 1));
    news.sessionChanged(key, 2);
    expect(cache.get(key, NOW)).toBeUndefined();
    expect(cache.recall(key, NOW)).toBeUndefined();
  });

  it('forgets a session that another node has unpinned', () => {
    const { cache, news, remember } = setUp();
    remember(pinOf('a', 1));
    news.sessionChanged(key, FORGOTTEN);
    expect(cache.get(key, NOW)).toBeUndefined();
  });

  it('keeps a pin that this node wrote itself, when the news of it comes back', () => {
    const { cache, news, remember } = setUp();
    remember(pinOf('b', 2));
    news.sessionChanged(key, 2);
    expect(cache.get(key, NOW)?.pin.endpoint).toBe('shop/b');
  });

  it('forgets one session and keeps the others', () => {
    const { cache, news, remember } = setUp();
    remember(pinOf('a', 1));
    cache.put(otherKey, pinOf('b', 1), NOW, cache.mark(otherKey));
    news.sessionChanged(key, 2);
    expect(cache.get(otherKey, NOW)).toBeDefined();
  });

  it('believes nothing any more when news may have been missed, and recalls it all', () => {
    const { cache, news, remember } = setUp();
    remember(pinOf('a', 1));
    cache.put(otherKey, pinOf('b', 1), NOW, cache.mark(otherKey));
    news.changesMissed();
    for (const each of [key, otherKey]) expect(cache.get(each, NOW)).toBeUndefined();
    expect(cache.recall(key, NOW)).toEqual(pinOf('a', 1));
    expect(cache.recall(otherKey, NOW)).toEqual(pinOf('b', 1));
    remember(pinOf('a', 1));
    expect(cache.get(key, NOW)?.pin).toEqual(pinOf('a', 1));
  });

  it('forgets what it is told to drop', () => {
    const { cache, remember } = setUp();
    remember(pinOf('a', 1));
    cache.drop(key);
    expect(cache.get(key, NOW)).toBeUndefined();
  });
});

describe('an answer of the store that is overtaken by news', () => {
  it('is not remembered: the session moved between the question and the answer', () => {
    const { cache, news } = setUp();
    const mark = cache.mark(key);
    news.sessionChanged(key, 2);
    cache.put(key, pinOf('a', 1), NOW, mark);
    expect(cache.get(key, NOW)).toBeUndefined();
  });

  it('is not remembered either when what was missed is unknown', () => {
    const { cache, news } = setUp();
    const mark = cache.mark(key);
    news.changesMissed();
    cache.put(key, pinOf('a', 1), NOW, mark);
    expect(cache.get(key, NOW)).toBeUndefined();
  });

  it('is remembered when it was asked for after the news', () => {
    const { cache, news } = setUp();
    news.sessionChanged(key, 2);
    cache.put(key, pinOf('b', 2), NOW, cache.mark(key));
    expect(cache.get(key, NOW)?.pin.version).toBe(2);
  });

  it('leaves no pin that is older than the news, in whatever order questions, answers and news come', () => {
    type Step = 'ask' | 'answer' | 'move';
    const steps = fc.array(fc.constantFrom<Step>('ask', 'answer', 'move'), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (run) => {
        const { cache, news } = setUp();
        const asked: { mark: number; version: number }[] = [];
        let version = 1;
        for (const step of run) {
          if (step === 'ask') asked.push({ mark: cache.mark(key), version });
          if (step === 'move') news.sessionChanged(key, ++version);
          const answer = step === 'answer' ? asked.shift() : undefined;
          if (answer !== undefined) cache.put(key, pinOf('a', answer.version), NOW, answer.mark);
          expect(cache.get(key, NOW)?.pin.version ?? version).toBe(version);
        }
      }),
    );
  });
});

describe('a near cache while no news flows', () => {
  it('believes an entry until it is stale, and no longer', () => {
    const { cache, link, remember } = setUp();
    remember(pinOf('a', 1));
    link.isLive = false;
    expect(cache.get(key, NOW + STALE_AFTER_MS - 1)).toBeDefined();
    expect(cache.get(key, NOW + STALE_AFTER_MS)).toBeUndefined();
  });

  it('recalls an entry of any age, for when the store does not answer', () => {
    const { cache, link, remember } = setUp();
    remember(pinOf('a', 1));
    link.isLive = false;
    expect(cache.recall(key, NOW + 59_999)).toEqual(pinOf('a', 1));
  });

  it('believes an entry again once the store has confirmed it', () => {
    const { cache, link, remember } = setUp();
    remember(pinOf('a', 1));
    link.isLive = false;
    const laterMs = NOW + STALE_AFTER_MS;
    cache.put(key, pinOf('a', 1), laterMs, cache.mark(key));
    expect(cache.get(key, laterMs)?.confirmedAtMs).toBe(laterMs);
  });
});

describe('the bound of a near cache', () => {
  const numbered = (index: number) => sessionKey(String(index).padStart(22, 'A'));

  it('holds, and the least recently used pin goes first', () => {
    const { cache } = setUp({ entriesMax: 2 });
    const put = (index: number) =>
      cache.put(numbered(index), pinOf('a', 1), NOW, cache.mark(numbered(index)));
    put(1);
    put(2);
    cache.get(numbered(1), NOW);
    put(3);
    expect(cache.size).toBe(2);
    expect(cache.get(numbered(2), NOW)).toBeUndefined();
    expect(cache.get(numbered(1), NOW)).toBeDefined();
  });

  it('of 0 remembers nothing', () => {
    const { cache, remember } = setUp({ entriesMax: 0 });
    remember(pinOf('a', 1));
    expect(cache.size).toBe(0);
    expect(cache.get(key, NOW)).toBeUndefined();
  });
});
