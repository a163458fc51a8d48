import { describe, expect, it } from 'vitest';
import { mergedReport } from './merged-report.ts';

const known = (worker: number) => ({
  worker,
  pid: 100 + worker,
  release: '1.0.0',
  startedAt: '2026-01-01T00:00:00.000Z',
});

/** What a worker says of itself. */
const reportOf = (count: number, store: object = {}) => ({
  cluster: 'test',
  phase: 'serving',
  store: {
    kind: 'redis',
    state: 'available',
    mode: 'normal',
    invalidationsLive: true,
    operations: { find: count },
    writeBacks: { admitted: count, refused: 0 },
    ...store,
  },
  requests: { requests: count, byOutcome: { hit: count }, repinsByReason: {} },
  connections: { tcp: count, byEnd: { closed: count } },
  moved: { rebalanced: count },
  listeners: [{ name: 'web', openConnections: count }],
  pools: [
    {
      name: 'shop',
      endpoints: [{ id: 'shop/a', weight: 3, standing: 'serving', inFlight: count, waiting: count / 2 }],
    },
  ],
});

describe('the report of several workers', () => {
  it('adds up what they count, and tells once what they know alike', () => {
    const merged = mergedReport([
      { known: known(1), report: reportOf(2) },
      { known: known(2), report: reportOf(40) },
    ]);
    expect(merged).toMatchObject({
      cluster: 'test',
      store: {
        kind: 'redis',
        state: 'available',
        mode: 'normal',
        operations: { find: 42 },
        writeBacks: { admitted: 42, refused: 0 },
      },
      requests: { requests: 42, byOutcome: { hit: 42 }, repinsByReason: {} },
      connections: { tcp: 42, byEnd: { closed: 42 } },
      moved: { rebalanced: 42 },
      listeners: [{ name: 'web', openConnections: 42 }],
      pools: [{ endpoints: [{ id: 'shop/a', weight: 3, standing: 'serving', inFlight: 42, waiting: 21 }] }],
    });
    expect(merged.workers).toEqual([
      { ...known(1), phase: 'serving', openConnections: 2, requests: 2 },
      { ...known(2), phase: 'serving', openConnections: 40, requests: 40 },
    ]);
  });

  it('tells of the rebalance of a pool that one of them has begun', () => {
    const rebalance = { state: 'running', moved: 3 };
    const [{ name, endpoints } = { name: 'shop', endpoints: [] }] = reportOf(1).pools;
    const other = { ...reportOf(1), pools: [{ name, rebalance, endpoints }] };
    const reports = [reportOf(1), other].map((report, index) => ({ known: known(index), report }));
    expect(mergedReport(reports).pools).toMatchObject([{ name: 'shop', rebalance }]);
  });

  it('counts a reason that only one of them has met', () => {
    const other = { ...reportOf(1), requests: { requests: 1, repinsByReason: { 'endpoint-down': 3 } } };
    const merged = mergedReport([
      { known: known(1), report: reportOf(1) },
      { known: known(2), report: other },
    ]);
    expect(merged.requests).toMatchObject({ requests: 2, repinsByReason: { 'endpoint-down': 3 } });
  });

  it('has the store unavailable, or its news silent, as soon as it is so for one of them', () => {
    const away = { state: 'unavailable', invalidationsLive: false };
    const merged = mergedReport([
      { known: known(1), report: reportOf(1) },
      { known: known(2), report: reportOf(1, away) },
    ]);
    expect(merged.store).toMatchObject(away);
  });

  it.each([
    [['normal', 'reconciling'], 'reconciling'],
    [['reconciling', 'degraded', 'normal'], 'degraded'],
  ])('has the worst mode of %j', (modes, worst) => {
    const reports = modes.map((mode, index) => ({ known: known(index), report: reportOf(1, { mode }) }));
    expect(mergedReport(reports).store).toMatchObject({ mode: worst });
  });

  it('keeps what it does not know of, for another release may say more', () => {
    const merged = mergedReport([
      { known: known(1), report: { ...reportOf(1), news: 'of the next release' } },
    ]);
    expect(merged).toHaveProperty('news', 'of the next release');
  });

  it('has a line for a worker whose report it cannot read, and counts the others', () => {
    const merged = mergedReport([
      { known: known(1), report: { phase: 7 } },
      { known: known(2), report: reportOf(5) },
    ]);
    expect(merged.requests).toMatchObject({ requests: 5 });
    expect(merged.workers[0]).toEqual(known(1));
  });

  it('says nothing of what nobody has told', () => {
    expect(mergedReport([])).toEqual({ workers: [] });
  });
});
