import type { AffinityOutcome, AffinityTier, MoveReason } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../forward/request-record.ts';
import { RequestCounters } from '../record/request-counters.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { testRecord } from '../testing/test-record.ts';
import { mergedSnapshot } from './merged-snapshot.ts';
import { RequestMetrics } from './request-metrics.ts';
import { type Attributes, isHistogramPoint, type MetricsSnapshot, type Point } from './snapshot.ts';

const NOW_MS = 1_700_000_000_000;

const pointsOf = (snapshot: MetricsSnapshot, name: string): readonly Point[] =>
  snapshot.filter((metric) => metric.name === name).flatMap(({ points }) => points);

/** What a metric says, by attributes: how many durations, or which number. */
function told(snapshot: MetricsSnapshot, name: string): readonly (readonly [Attributes, number])[] {
  return pointsOf(snapshot, name).map((point) => [
    point.attributes,
    isHistogramPoint(point) ? point.counts.reduce((sum, count) => sum + count, 0) : point.value,
  ]);
}

function metricsOf(...records: readonly Partial<RequestRecord>[]): MetricsSnapshot {
  const metrics = new RequestMetrics(() => NOW_MS);
  for (const record of records) metrics.requestFinished(testRecord(record));
  return metrics.collect();
}

const DURATION = 'http.server.request.duration';

describe('the metrics of requests', () => {
  it('have the attributes of the semantic conventions, numbers as numbers, and the way through the configuration', () => {
    expect(told(metricsOf({}, {}), DURATION)).toEqual([
      [
        {
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'http.route': 'shop.example/',
          'url.scheme': 'http',
          'holdfast.listener': 'web',
          'holdfast.pool': 'shop',
        },
        2,
      ],
    ]);
  });

  it('keep apart what differs: method, status, error, scheme, route, pool and listener', () => {
    const snapshot = metricsOf(
      {},
      { method: 'POST' },
      { status: 404 },
      { status: 502, error: 'UPSTREAM_RESET' },
      { status: 502, error: 'UPSTREAM_CONNECT_FAILED' },
      { isSecure: true },
      { route: '/other' },
      { pool: 'api' },
      { listener: 'internal' },
      {},
    );
    const counts = told(snapshot, DURATION);
    expect(counts).toHaveLength(9);
    expect(counts.map(([, count]) => count).sort()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2]);
    expect(counts.map(([{ 'error.type': error }]) => error).filter(Boolean)).toEqual([
      'UPSTREAM_RESET',
      'UPSTREAM_CONNECT_FAILED',
    ]);
  });

  it('leave out what there was not: a status, a route, a pool', () => {
    const [[attributes] = []] = told(metricsOf({ status: 0, route: '', pool: '', method: '' }), DURATION);
    expect(Object.keys(attributes ?? {}).sort()).toEqual([
      'holdfast.listener',
      'http.request.method',
      'url.scheme',
    ]);
    expect(attributes).toHaveProperty(['http.request.method'], '_OTHER');
  });

  it('make no series of methods and paths that clients make up', () => {
    const hostile = Array.from({ length: 1_000 }, (_, index) => ({
      method: `M${index}`,
      path: `/${index}`,
      requestId: String(index),
      clientAddress: `192.0.2.${index % 256}`,
    }));
    const snapshot = metricsOf(...hostile);
    expect(told(snapshot, DURATION)).toHaveLength(1);
    expect(JSON.stringify(snapshot)).not.toContain('M999');
  });

  it('count look-ups by what became of the session, and time those that took any', () => {
    const resolution = testResolution({ outcome: 'hit', tier: 'store' });
    const snapshot = metricsOf({ resolution, affinityMs: 0.3 }, { resolution, affinityMs: 0 });
    expect(told(snapshot, 'holdfast.affinity.lookups')).toEqual([
      [
        {
          'holdfast.pool': 'shop',
          'holdfast.affinity.outcome': 'hit',
          'holdfast.affinity.source': 'cookie',
          'holdfast.affinity.tier': 'store',
        },
        2,
      ],
    ]);
    expect(told(snapshot, 'holdfast.affinity.lookup.duration')).toEqual([
      [{ 'holdfast.pool': 'shop', 'holdfast.affinity.tier': 'store' }, 1],
    ]);
  });

  it('add up retries and bytes by pool', () => {
    const snapshot = mergedSnapshot([
      metricsOf({ attempts: 3, bytesIn: 5, bytesOut: 7 }, { bytesIn: 1, bytesOut: 0 }),
    ]);
    expect(told(snapshot, 'holdfast.retries')).toEqual([[{ 'holdfast.pool': 'shop' }, 2]]);
    expect(told(snapshot, 'holdfast.request.bytes')).toEqual([[{ 'holdfast.pool': 'shop' }, 6]]);
    expect(told(snapshot, 'holdfast.response.bytes')).toEqual([[{ 'holdfast.pool': 'shop' }, 7]]);
  });
});

const oneOf = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);

/** Any requests, a few of them of each kind. */
const records = fc.array(
  fc.record({
    listener: oneOf('web', 'internal'),
    route: oneOf('/', '/a'),
    pool: oneOf('shop', 'api', ''),
    method: oneOf('GET', 'POST', 'BREW'),
    status: oneOf(0, 101, 200, 304, 404, 499, 503, 599, 999),
    error: oneOf(undefined, 'UPSTREAM_RESET' as const),
    attempts: oneOf(0, 1, 2, 3),
    resolution: fc.option(
      fc
        .record({
          outcome: oneOf<AffinityOutcome>('hit', 'created', 'repinned', 'adopted', 'fallback', 'none'),
          tier: oneOf<AffinityTier>('near', 'store', 'cookie', 'hash', 'none'),
          reason: oneOf<MoveReason | undefined>(
            undefined,
            'endpoint-down',
            'connect-failed',
            'endpoint-suspect',
          ),
        })
        .map((changes) => testResolution({ ...changes, endpoint: testEndpoint('a') })),
      { nil: undefined },
    ),
  }),
);

describe('what metrics have counted', () => {
  it('is for the status of a node what its counters would say, for any requests', () => {
    fc.assert(
      fc.property(records, (changes) => {
        const [metrics, counters] = [new RequestMetrics(() => NOW_MS), new RequestCounters()];
        for (const change of changes) {
          metrics.requestFinished(testRecord(change));
          counters.requestFinished(testRecord(change));
        }
        expect(metrics.totals()).toEqual(counters.totals());
      }),
    );
  });

  it('has each request in one duration, and each resolved one in one look-up', () => {
    fc.assert(
      fc.property(records, (changes) => {
        const snapshot = metricsOf(...changes);
        const sum = (name: string) => told(snapshot, name).reduce((total, [, count]) => total + count, 0);
        expect(sum(DURATION)).toBe(changes.length);
        const resolved = changes.filter(({ resolution }) => resolution !== undefined).length;
        expect(sum('holdfast.affinity.lookups')).toBe(resolved);
      }),
    );
  });
});
