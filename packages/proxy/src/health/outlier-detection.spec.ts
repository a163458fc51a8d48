import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEvent, initialOutlier, type OutlierEvent, type OutlierState } from './outlier-detection.ts';

const NOW = 1_700_000_000_000;
const thresholds = { connectFailures: 2, consecutiveFailures: 3, ejectionTime: 10_000 };

const trusted = (connectFailures: number, requestFailures: number): OutlierState => ({
  kind: 'trusted',
  connectFailures,
  requestFailures,
});
const ejected: OutlierState = { kind: 'ejected', untilMs: NOW + 10_000 };
const onTrial: OutlierState = { kind: 'on-trial' };

describe('what requests say about an endpoint', () => {
  it('is nothing at first', () => {
    expect(initialOutlier).toEqual(trusted(0, 0));
  });

  it.each<[OutlierState, OutlierEvent, OutlierState]>([
    [trusted(0, 0), 'answered', trusted(0, 0)],
    [trusted(0, 0), 'connect-failed', trusted(1, 0)],
    [trusted(1, 0), 'connect-failed', ejected],
    [trusted(0, 0), 'request-failed', trusted(0, 1)],
    [trusted(1, 1), 'request-failed', trusted(1, 2)],
    [trusted(0, 2), 'request-failed', ejected],
    [trusted(0, 2), 'connect-failed', trusted(1, 2)],
    [trusted(1, 2), 'answered', trusted(0, 0)],
    [trusted(1, 2), 'recovered', trusted(0, 0)],
    [trusted(1, 2), 'ejection-over', trusted(1, 2)],
    [onTrial, 'answered', trusted(0, 0)],
    [onTrial, 'recovered', trusted(0, 0)],
    [onTrial, 'connect-failed', ejected],
    [onTrial, 'request-failed', ejected],
    [onTrial, 'ejection-over', onTrial],
    [ejected, 'ejection-over', onTrial],
    [ejected, 'recovered', trusted(0, 0)],
  ])('goes from %j, when it has %s, to %j', (state, event, next) => {
    expect(afterEvent(state, event, thresholds, NOW)).toEqual(next);
  });

  it.each<OutlierEvent>(['answered', 'connect-failed', 'request-failed'])(
    'is not changed by a late "%s" of a request that was sent before the ejection',
    (event) => {
      expect(afterEvent(ejected, event, thresholds, NOW + 5_000)).toBe(ejected);
    },
  );

  it('costs no new state while an endpoint answers', () => {
    expect(afterEvent(initialOutlier, 'answered', thresholds, NOW)).toBe(initialOutlier);
  });
});

describe('over any run of events', () => {
  const event = fc.constantFrom<OutlierEvent>(
    'answered',
    'connect-failed',
    'request-failed',
    'ejection-over',
    'recovered',
  );
  const limits = fc.record({
    connectFailures: fc.integer({ min: 1, max: 4 }),
    consecutiveFailures: fc.integer({ min: 1, max: 4 }),
    ejectionTime: fc.constant(10_000),
  });

  it('a trusted endpoint is ejected by exactly as many failures of one kind in a row as are configured', () => {
    fc.assert(
      fc.property(limits, fc.array(event, { maxLength: 60 }), (configured, events) => {
        let state = initialOutlier;
        let inARow = { 'connect-failed': 0, 'request-failed': 0 };
        for (const next of events) {
          const before = state.kind;
          state = afterEvent(state, next, configured, NOW);
          if (before !== 'trusted' || next === 'answered' || next === 'recovered') {
            inARow = { 'connect-failed': 0, 'request-failed': 0 };
          } else if (next !== 'ejection-over') inARow[next]++;
          if (before !== 'trusted') continue;
          const isOutlier =
            inARow['connect-failed'] === configured.connectFailures ||
            inARow['request-failed'] === configured.consecutiveFailures;
          expect(state.kind).toBe(isOutlier ? 'ejected' : 'trusted');
        }
      }),
    );
  });

  it('an ejection ends only by time or by active checks', () => {
    fc.assert(
      fc.property(limits, fc.array(event, { maxLength: 60 }), (configured, events) => {
        let state = initialOutlier;
        for (const next of events) {
          const before = state.kind;
          state = afterEvent(state, next, configured, NOW);
          if (before === 'ejected' && state.kind !== 'ejected') {
            expect(['ejection-over', 'recovered']).toContain(next);
          }
        }
      }),
    );
  });
});
