import { type LogFields, type Logger, silentLogger } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Repair } from './repair.ts';
import { QUIET_MS } from './store-mode.ts';

let clock: ManualClock;
let repair: Repair;
let modes: string[];
let lines: string[];

beforeEach(() => {
  clock = new ManualClock();
  modes = [];
  lines = [];
  const logger: Logger = {
    ...silentLogger,
    info: ({ store_mode, write_backs_refused }: LogFields, message: string) =>
      void lines.push(`${store_mode}: ${message}, ${write_backs_refused} refused`),
  };
  repair = new Repair({ clock, logger, writeBacksPerSecond: 100 });
  repair.onModeChange((mode) => modes.push(mode));
});

afterEach(() => {
  repair.stop();
  expect(clock.pendingTimers).toBe(0);
});

/** So many sessions come at once; answers how many of them may be written back. */
const crowd = (size: number): number =>
  Array.from({ length: size }, () => repair.admits()).filter((isAdmitted) => isAdmitted).length;

describe('the repair of a store', () => {
  it('lets a crowd of sessions be written back at the rate that is configured', async () => {
    expect(crowd(1_000)).toBe(10);
    let written = 0;
    for (let count = 0; count < 100; count += 1) {
      await clock.advance(10);
      written += crowd(50);
    }
    expect(written).toBe(100);
    expect(repair.counts).toEqual({ admitted: 110, refused: 990 + 49 * 100 });
  });

  it('goes on for ten seconds after the store is back, and tells of each mode once', async () => {
    repair.storeLost();
    expect(repair.mode).toBe('degraded');
    repair.storeBack();
    expect(repair.mode).toBe('reconciling');
    await clock.advance(QUIET_MS - 1);
    expect(repair.mode).toBe('reconciling');
    await clock.advance(1);
    expect(repair.mode).toBe('normal');
    expect(modes).toEqual(['degraded', 'reconciling', 'normal']);
  });

  it('goes on for as long as sessions have to wait', async () => {
    repair.storeLost();
    repair.storeBack();
    for (let second = 0; second < 30; second += 1) {
      crowd(20);
      await clock.advance(1_000);
    }
    expect(repair.mode).toBe('reconciling');
    await clock.advance(QUIET_MS);
    expect(repair.mode).toBe('normal');
    expect(modes).toEqual(['degraded', 'reconciling', 'normal']);
  });

  it('is none where a few sessions are written back now and then, as after a long pause of their clients', async () => {
    for (let second = 0; second < 30; second += 1) {
      expect(crowd(10)).toBe(10);
      await clock.advance(1_000);
    }
    expect(modes).toEqual([]);
  });

  it('begins without an outage when many sessions turn out to be lost, and is logged from beginning to end', async () => {
    crowd(12);
    await clock.advance(QUIET_MS);
    expect(modes).toEqual(['reconciling', 'normal']);
    expect(lines).toEqual([
      'reconciling: the store has lost sessions, which are written back, 1 refused',
      'normal: the store is repaired, 2 refused',
    ]);
  });

  it('waits for the end of another outage that comes in between', async () => {
    repair.storeLost();
    repair.storeBack();
    await clock.advance(QUIET_MS / 2);
    repair.storeLost();
    await clock.advance(QUIET_MS);
    expect(repair.mode).toBe('degraded');
  });
});
