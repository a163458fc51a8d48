import type { LogFields, Logger } from '@holdfast/shared';
import { silentLogger } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { MetricPush } from './metric-push.ts';
import type { MetricsSnapshot } from './snapshot.ts';

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 300;
const SNAPSHOT: MetricsSnapshot = [];

let clock: ManualClock;
let lines: string[];
let isClosed: boolean;
/** Exports under way, to be settled by the test. */
let underWay: PromiseWithResolvers<void>[];
let reads: number;
let aborts: number;
let push: MetricPush;

beforeEach(() => {
  clock = new ManualClock();
  [lines, underWay, reads, aborts, isClosed] = [[], [], 0, 0, false];
  const note = ({ reason }: LogFields, message: string) =>
    void lines.push(reason === undefined ? message : `${message}: ${reason}`);
  const log: Logger = { ...silentLogger, info: note, warn: note };
  push = new MetricPush({
    read: async () => {
      reads++;
      return SNAPSHOT;
    },
    exporter: {
      export: () => {
        const exporting = Promise.withResolvers<void>();
        underWay.push(exporting);
        return exporting.promise;
      },
      abort: () => {
        aborts++;
      },
      close: async () => {
        isClosed = true;
      },
    },
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    clock,
    log,
  });
});

const results = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    push
      .collect()
      .flatMap(({ points }) => points)
      .map((point) => [
        point.attributes['holdfast.telemetry.push.result'],
        'value' in point ? point.value : Number.NaN,
      ]),
  );

describe('the push of metrics', () => {
  it('begins after an interval, and goes on in that rhythm once one has been taken', async () => {
    push.start();
    await clock.advance(INTERVAL_MS - 1);
    expect(underWay).toHaveLength(0);
    await clock.advance(1);
    expect(underWay).toHaveLength(1);
    underWay[0]!.resolve();
    await settle();
    await clock.advance(INTERVAL_MS);
    expect(underWay).toHaveLength(2);
    expect(results()).toEqual({ taken: 1, failed: 0 });
    expect(lines).toEqual([]);
  });

  it('has no second one beside one that gets no answer, and keeps nothing for it', async () => {
    push.start();
    await clock.advance(INTERVAL_MS + TIMEOUT_MS - 1);
    expect([underWay.length, reads, aborts]).toEqual([1, 1, 0]);
    await clock.advance(1);
    expect(aborts).toBe(1);
    expect(results()).toEqual({ taken: 0, failed: 1 });
    await clock.advance(INTERVAL_MS - 1);
    expect(reads).toBe(1);
  });

  it('tells once that it fails and why, and once that it does no more', async () => {
    push.start();
    for (let count = 0; count < 3; count++) {
      await clock.advance(INTERVAL_MS);
      underWay[count]!.reject({ name: 'Error', message: 'no' });
      await clock.advance(1);
    }
    for (let count = 3; count < 5; count++) {
      await clock.advance(INTERVAL_MS);
      underWay[count]!.resolve();
      await clock.advance(1);
    }
    expect(results()).toEqual({ taken: 2, failed: 3 });
    expect(lines).toEqual([
      expect.stringContaining('metrics are not taken by the collector'),
      'metrics are pushed again',
    ]);
  });

  it('puts no more than a line into the log, whatever a collector answers', async () => {
    push.start();
    await clock.advance(INTERVAL_MS);
    underWay[0]!.reject('x'.repeat(1e6));
    await clock.advance(1);
    expect(lines[0]!.length).toBeLessThan(300);
  });

  it('pushes for the last time when the node ends, and waits two seconds for that at most', async () => {
    push.start();
    const stopped = push.stop();
    await clock.advance(0);
    expect(underWay).toHaveLength(1);
    underWay[0]!.resolve();
    await stopped;
    expect(isClosed).toBe(true);
    await clock.advance(10 * INTERVAL_MS);
    expect(underWay).toHaveLength(1);
  });

  it('ends although its collector hangs', async () => {
    push.start();
    await clock.advance(INTERVAL_MS);
    let isStopped = false;
    void push.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(2_000);
    expect(isStopped).toBe(true);
  });
});
