import { HoldfastError, sessionKey } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { openMemoryStore } from '@holdfast/store/memory';
import { describe, expect, it } from 'vitest';
import { isHistogramPoint } from './snapshot.ts';
import { StoreMetrics, storeState } from './store-metrics.ts';

const key = sessionKey('one');

describe('the metrics of the session map', () => {
  it('time its operations by name, those that fail by their error, and leave all results as they are', async () => {
    const clock = new ManualClock();
    const metrics = new StoreMetrics('redis', clock);
    const store = openMemoryStore();
    const failure = new HoldfastError('STORE_UNAVAILABLE', 'gone');
    const repin = () => Promise.reject(failure);
    const timed = metrics.timed({
      ...store,
      sessions: { ...store.sessions, find: slow, repin, touch: async () => [] },
    });
    async function slow() {
      await clock.advance(70);
      return undefined;
    }
    expect(await timed.sessions.find(key, 0)).toBeUndefined();
    await expect(timed.sessions.repin(key, 1, {} as never, 0)).rejects.toBe(failure);
    expect(await timed.sessions.touch([], 0)).toEqual([]);
    const points = metrics.collect().flatMap((metric) => metric.points.filter(isHistogramPoint));
    expect(points.map(({ attributes, sum }) => [attributes, sum])).toEqual([
      [{ 'db.system.name': 'redis', 'db.operation.name': 'find' }, 0.07],
      [{ 'db.system.name': 'redis', 'db.operation.name': 'repin', 'error.type': 'STORE_UNAVAILABLE' }, 0],
      [{ 'db.system.name': 'redis', 'db.operation.name': 'touch' }, 0],
    ]);
  });

  it.each([
    ['available', 'normal', true, [1, 0, 1]],
    ['read-only', 'degraded', true, [0, 2, 1]],
    ['unavailable', 'degraded', false, [0, 2, 0]],
    ['available', 'reconciling', true, [1, 1, 1]],
  ] as const)('say that it is %s, and that the node is in mode %s', (state, mode, isLive, expected) => {
    const repair = { mode, counts: { admitted: 3, refused: 4 } };
    const points = storeState({ state, repair, invalidations: { isLive: () => isLive } } as never, 7);
    const values = points.map((metric) =>
      metric.points.map((point) => (isHistogramPoint(point) ? -1 : point.value)),
    );
    expect(values).toEqual([...expected.map((value) => [value]), [3, 4]]);
  });
});
