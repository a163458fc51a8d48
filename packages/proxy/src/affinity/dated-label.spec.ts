import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshness, isRefreshDue, readDatedLabel, writeDatedLabel } from './dated-label.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = 1_795_273_178_000;
const NONE = { maxIdleMs: undefined, maxLifeMs: undefined };
const LIMITS = { maxIdleMs: 30 * MINUTE_MS, maxLifeMs: 8 * HOUR_MS };

const dated = (usedMsAgo?: number, firstMsAgo?: number) => ({
  label: 's1',
  usedAtMs: usedMsAgo === undefined ? undefined : NOW_MS - usedMsAgo,
  firstAtMs: firstMsAgo === undefined ? undefined : NOW_MS - firstMsAgo,
});

describe('a label with dates', () => {
  it('is written as HAProxy 2.6 has written it at that second', () => {
    expect(writeDatedLabel(dated(0, 0))).toBe('s1|awGx3|awGx3');
    expect(writeDatedLabel(dated(0))).toBe('s1|awGx3');
    expect(writeDatedLabel(dated())).toBe('s1');
  });

  it('is read as it was written, its dates up to four seconds later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (dateMs) => {
        const {
          label,
          usedAtMs = 0,
          firstAtMs = 0,
        } = readDatedLabel(writeDatedLabel({ label: 'a', usedAtMs: dateMs, firstAtMs: dateMs }));
        expect(label).toBe('a');
        expect(usedAtMs).toBe(firstAtMs);
        expect(usedAtMs - dateMs).toBeGreaterThanOrEqual(0);
        expect(usedAtMs - dateMs).toBeLessThan(4_000);
      }),
    );
  });

  it('has no dates where there are none that could be read', () => {
    for (const value of ['s1', 's1|', 's1||', 's1|abc|', 's1|ab=de', 's1|awGx3x'])
      expect(readDatedLabel(value)).toEqual({ label: 's1', usedAtMs: undefined, firstAtMs: undefined });
  });
});

describe('the age of a label', () => {
  it('is no matter where there are no limits, or no dates', () => {
    expect(freshness(dated(99 * HOUR_MS, 99 * HOUR_MS), NONE, NOW_MS)).toBe('fresh');
    expect(freshness(dated(), LIMITS, NOW_MS)).toBe('fresh');
  });

  it('is too great when it was unused for longer than the one limit, or given longer ago than the other', () => {
    expect(freshness(dated(30 * MINUTE_MS, HOUR_MS), LIMITS, NOW_MS)).toBe('fresh');
    expect(freshness(dated(30 * MINUTE_MS + 1, HOUR_MS), LIMITS, NOW_MS)).toBe('idle');
    expect(freshness(dated(0, 8 * HOUR_MS), LIMITS, NOW_MS)).toBe('fresh');
    expect(freshness(dated(0, 8 * HOUR_MS + 1), LIMITS, NOW_MS)).toBe('old');
  });

  it('may be negative by a day, which is a time zone, and no more', () => {
    expect(freshness(dated(-24 * HOUR_MS, -24 * HOUR_MS), LIMITS, NOW_MS)).toBe('fresh');
    expect(freshness(dated(-24 * HOUR_MS - 1, 0), LIMITS, NOW_MS)).toBe('idle');
    expect(freshness(dated(0, -24 * HOUR_MS - 1), LIMITS, NOW_MS)).toBe('old');
  });
});

describe('the dates of a label', () => {
  it('are due where they are missing, no longer asked for, or past', () => {
    expect(isRefreshDue(dated(), LIMITS, NOW_MS)).toBe(true);
    expect(isRefreshDue(dated(1, 1), NONE, NOW_MS)).toBe(true);
    expect(isRefreshDue(dated(1, 1), LIMITS, NOW_MS)).toBe(true);
  });

  it('are not due where there need be none, or they are of this step of four seconds', () => {
    expect(isRefreshDue(dated(), NONE, NOW_MS)).toBe(false);
    expect(isRefreshDue(dated(-1, 1), LIMITS, NOW_MS)).toBe(false);
  });
});
