import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergedSnapshot } from './merged-snapshot.ts';
import { isHistogramPoint, type MetricsSnapshot } from './snapshot.ts';
import { WorkerSnapshots } from './worker-snapshots.ts';

const requests = (value: number, pool = 'shop'): MetricsSnapshot => [
  { name: 'holdfast.retries', points: [{ attributes: { 'holdfast.pool': pool }, value, sinceMs: 5 }] },
];
const gauge = (name: string, value: number, attributes = {}): MetricsSnapshot => [
  { name, points: [{ attributes, value }] },
];

/** The one number of a metric that a node then tells. */
function numberOf(snapshots: readonly MetricsSnapshot[], name: string): number | undefined {
  const [point] = mergedSnapshot(snapshots).find((metric) => metric.name === name)?.points ?? [];
  return point === undefined || isHistogramPoint(point) ? undefined : point.value;
}

describe('several snapshots as one', () => {
  it('add up what is counted, series by series, since the earliest', () => {
    const merged = mergedSnapshot([requests(1), requests(2), requests(4, 'api')]);
    expect(merged).toEqual([
      {
        name: 'holdfast.retries',
        points: [
          { attributes: { 'holdfast.pool': 'shop' }, value: 3, sinceMs: 5 },
          { attributes: { 'holdfast.pool': 'api' }, value: 4, sinceMs: 5 },
        ],
      },
    ]);
  });

  it('know equal attributes in any order', () => {
    const one = { attributes: { a: 1, b: 2 }, value: 1, sinceMs: 1 };
    const other = { attributes: { b: 2, a: 1 }, value: 1, sinceMs: 0 };
    const merged = mergedSnapshot([
      [{ name: 'holdfast.retries', points: [one] }],
      [{ name: 'holdfast.retries', points: [other] }],
    ]);
    expect(merged[0]?.points).toEqual([{ ...one, value: 2, sinceMs: 0 }]);
  });

  it('add up histograms bucket by bucket, and leave out one of other buckets', () => {
    const name = 'v8js.gc.duration';
    const of = (counts: number[], sum: number): MetricsSnapshot => [
      { name, points: [{ attributes: {}, counts, sum, sinceMs: 3 }] },
    ];
    const merged = mergedSnapshot([of([1, 0, 2], 5), of([1, 1, 1], 3), of([9], 9)]);
    expect(merged[0]?.points).toEqual([{ attributes: {}, counts: [2, 1, 3], sum: 8, sinceMs: 3 }]);
  });

  it.each([
    ['holdfast.store.available', 0],
    ['holdfast.store.mode', 2],
    ['nodejs.eventloop.utilization', 2],
    ['holdfast.near_cache.entries', 2],
    ['holdfast.cluster.configurations', 2],
  ])('tell of %s what the metric says of several processes', (name, expected) => {
    expect(numberOf([gauge(name, 2), gauge(name, 0)], name)).toBe(expected);
  });

  it('pass over metrics that this release does not know', () => {
    expect(mergedSnapshot([gauge('holdfast.of.tomorrow', 1)])).toEqual([]);
  });
});

describe('what the workers of a node have counted', () => {
  it('includes those that have ended, once', () => {
    const snapshots = new WorkerSnapshots();
    snapshots.take(1, requests(10));
    snapshots.take(2, requests(5));
    expect(numberOf(snapshots.all([1, 2]), 'holdfast.retries')).toBe(15);
    snapshots.take(3, requests(1));
    for (let count = 0; count < 3; count++)
      expect(numberOf(snapshots.all([2, 3]), 'holdfast.retries')).toBe(16);
    expect(numberOf(snapshots.all([]), 'holdfast.retries')).toBe(16);
  });

  it('is as it was of one that does not answer', () => {
    const snapshots = new WorkerSnapshots();
    snapshots.take(1, requests(10));
    snapshots.all([1]);
    expect(numberOf(snapshots.all([1]), 'holdfast.retries')).toBe(10);
  });

  it('keeps no state of one that has ended', () => {
    const snapshots = new WorkerSnapshots();
    snapshots.take(1, gauge('holdfast.near_cache.entries', 7));
    snapshots.take(2, gauge('holdfast.near_cache.entries', 1));
    expect(numberOf(snapshots.all([2]), 'holdfast.near_cache.entries')).toBe(1);
  });

  it('forgets endpoints that no worker tells of any more', () => {
    const snapshots = new WorkerSnapshots();
    const of = (endpoint: string): MetricsSnapshot => [
      {
        name: 'holdfast.endpoint.ejections',
        points: [{ attributes: { 'holdfast.endpoint': endpoint }, value: 1, sinceMs: 0 }],
      },
    ];
    snapshots.take(1, [...of('shop/a'), ...of('shop/b')]);
    snapshots.take(2, of('shop/a'));
    const left = mergedSnapshot(snapshots.all([2])).flatMap(({ points }) => points);
    expect(left).toEqual([{ attributes: { 'holdfast.endpoint': 'shop/a' }, value: 2, sinceMs: 0 }]);
  });

  it('never goes back, however workers come and go', () => {
    const step = fc.record({
      worker: fc.integer({ min: 1, max: 4 }),
      does: fc.constantFrom('counts', 'ends'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const snapshots = new WorkerSnapshots();
        const living = new Map<number, { number: number; count: number }>();
        let [started, truth] = [0, 0];
        for (const { worker, does } of steps) {
          const one = living.get(worker) ?? { number: ++started, count: 0 };
          if (does === 'ends') living.delete(worker);
          else {
            living.set(worker, one);
            one.count++;
            truth++;
            snapshots.take(one.number, requests(one.count));
          }
          const numbers = [...living.values()].map(({ number }) => number);
          expect(numberOf(snapshots.all(numbers), 'holdfast.retries') ?? 0).toBe(truth);
        }
      }),
    );
  });
});
