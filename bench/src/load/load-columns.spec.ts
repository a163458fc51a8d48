import { describe, expect, it } from 'vitest';
import type { Series } from '../rounds.ts';
import type { LoadTrial } from '../trial.ts';
import { bulkColumns, closedLoopColumns, loadNotes, sumOperations } from './load-columns.ts';

const STORE_OPERATIONS = { find: 1, pin: 2, repin: 0, touch: 0, unpin: 0 };

const trial = (cpuUs: number, proxyShare = 1, foreignShare = 0): LoadTrial => ({
  load: {
    requests: 1_000,
    durationMs: 1_000,
    requestsPerSecond: 1_000_000 / cpuUs,
    latencyMs: { p50: 1, p90: 1.5, p99: 2, p999: 3, max: 4 },
    errors: 0,
  },
  usage: { userUsPerRequest: cpuUs - 4, systemUsPerRequest: 4, proxyShare, foreignShare, restShare: 0.5 },
});

const series = (trials: readonly LoadTrial[]): Series<LoadTrial> => ({
  contender: {
    name: 'any',
    title: 'Any',
    programs: [],
    version: () => '1.0',
    launch: () => ({ files: {}, command: 'any', args: [] }),
  },
  trials,
  moved: 0,
  failed: 0,
});

const row = (columns: ReturnType<typeof closedLoopColumns>, trials: readonly LoadTrial[]) =>
  Object.fromEntries(columns.map((column) => [column.heading, column.cell(series(trials), undefined)]));

describe('the table of a load', () => {
  it('takes all CPU time for what a request costs', () => {
    expect(row(closedLoopColumns('request'), [trial(20)])).toMatchObject({
      'requests/s': '50,000 (50,000 to 50,000)',
      'CPU µs/request': '20.0 (20.0 to 20.0)',
      'user + system': '16.0 + 4.0',
      'p50 / p99 ms': '1.00 / 2.00',
    });
  });

  it('says in how many rounds the core was full', () => {
    const columns = closedLoopColumns('request');

    expect(row(columns, [trial(10), trial(10, 0.96)])['core full']).toBe('yes');
    expect(row(columns, [trial(10), trial(10, 0.8)])['core full']).toBe('1 of 2 rounds');
  });

  it('states large bodies by the MiB', () => {
    expect(row(bulkColumns(512 * 1_024), [trial(100)])).toMatchObject({
      'MiB/s': '5,000 (5,000 to 5,000)',
      'CPU µs/MiB': '200 (200 to 200)',
    });
  });
});

describe('the notes of a load', () => {
  it('add up operations on the session map over the rounds', () => {
    const withStore = { ...trial(10), storeOperations: STORE_OPERATIONS };

    expect(sumOperations([withStore, withStore])).toEqual({ find: 2, pin: 4, repin: 0, touch: 0, unpin: 0 });
    expect(sumOperations([withStore, trial(10)])).toBeUndefined();
  });

  it('count the rounds that others disturbed', () => {
    expect(loadNotes([series([trial(10), trial(10, 0.8, 0.2)])])).toEqual([
      "Rounds in which other programs took over 5 % of the proxy's core: any 1 of 2.",
    ]);
    expect(loadNotes([series([trial(10)])])).toEqual([]);
  });
});
