import { describe, expect, it } from 'vitest';
import { testResolution } from '../testing/test-affinity.ts';
import { testRecord } from '../testing/test-record.ts';
import { allRecorders, RequestCounters } from './request-counters.ts';

describe('request counters', () => {
  it('begin at zero, for every outcome and tier', () => {
    expect(new RequestCounters().totals()).toEqual({
      requests: 0,
      byStatusClass: { '0xx': 0, '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
      byOutcome: { hit: 0, created: 0, repinned: 0, adopted: 0, fallback: 0, none: 0 },
      byTier: { near: 0, store: 0, cookie: 0, hash: 0, none: 0 },
      repinsByReason: {},
      retries: 0,
    });
  });

  it('count requests by the class of their status, those without one as 0xx', () => {
    const counters = new RequestCounters();
    for (const status of [101, 200, 204, 304, 404, 499, 500, 503, 599, 999, 0]) {
      counters.requestFinished(testRecord({ status }));
    }
    expect(counters.totals()).toMatchObject({
      requests: 11,
      byStatusClass: { '0xx': 1, '1xx': 1, '2xx': 2, '3xx': 1, '4xx': 2, '5xx': 4 },
    });
  });

  it('count what became of sessions, and why they moved', () => {
    const counters = new RequestCounters();
    const resolutions = [
      testResolution({ outcome: 'hit', tier: 'near' }),
      testResolution({ outcome: 'hit', tier: 'store' }),
      testResolution({ outcome: 'repinned', tier: 'store', reason: 'endpoint-down' }),
      testResolution({ outcome: 'repinned', tier: 'near', reason: 'connect-failed' }),
      testResolution({ outcome: 'repinned', tier: 'near', reason: 'endpoint-down' }),
      testResolution({ outcome: 'fallback', tier: 'hash', reason: 'endpoint-down' }),
    ];
    for (const resolution of resolutions) counters.requestFinished(testRecord({ resolution }));
    counters.requestFinished(testRecord({ resolution: undefined }));
    expect(counters.totals()).toMatchObject({
      requests: 7,
      byOutcome: { hit: 2, repinned: 3, fallback: 1, none: 0 },
      byTier: { near: 3, store: 2, hash: 1 },
      repinsByReason: { 'endpoint-down': 2, 'connect-failed': 1 },
    });
  });

  it('count attempts beyond the first as retries', () => {
    const counters = new RequestCounters();
    for (const attempts of [0, 1, 2, 2]) counters.requestFinished(testRecord({ attempts }));
    expect(counters.totals().retries).toBe(2);
  });

  it('give totals that do not change afterwards', () => {
    const counters = new RequestCounters();
    const before = counters.totals();
    counters.requestFinished(testRecord({ resolution: testResolution() }));
    expect(before.byOutcome.hit).toBe(0);
    expect(before.byStatusClass['2xx']).toBe(0);
  });
});

describe('several recorders', () => {
  it('are each told of every request', () => {
    const [one, two] = [new RequestCounters(), new RequestCounters()];
    allRecorders([one, two]).requestFinished(testRecord());
    expect([one.totals().requests, two.totals().requests]).toEqual([1, 1]);
  });
});
