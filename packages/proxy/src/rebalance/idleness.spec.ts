import { idleDeadline, isTouchDue, type Lifetime, type Pin } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOOKS_PER_TIMEOUT } from '../affinity/keep-alive.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { idleSince, knownIdleAfterMs } from './idleness.ts';

const START_MS = 1_700_000_000_000;
const lifetime: Lifetime = { idleTimeoutMs: 80_000, absoluteTimeoutMs: 8_000_000 };

const begun: Pin = {
  endpoint: testEndpoint('a').id,
  version: 1,
  pinnedAtMs: START_MS,
  expiresAtMs: START_MS + lifetime.idleTimeoutMs,
  endsAtMs: START_MS + lifetime.absoluteTimeoutMs,
};

/** The pin after such a use of its session, which touches it where that is due. */
const used = (pin: Pin, atMs: number): Pin =>
  isTouchDue(lifetime, pin, atMs) ? { ...pin, expiresAtMs: idleDeadline(lifetime, pin.endsAtMs, atMs) } : pin;

describe('the idleness of a session', () => {
  it('is never taken for longer than it is, however requests come', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: lifetime.idleTimeoutMs - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(gaps, (waits) => {
        let pin = begun;
        let nowMs = START_MS;
        for (const waitMs of waits) {
          nowMs += waitMs;
          if (nowMs >= pin.expiresAtMs || pin.expiresAtMs === pin.endsAtMs) return;
          pin = used(pin, nowMs);
          expect(idleSince(pin, lifetime)).toBeGreaterThanOrEqual(nowMs);
        }
      }),
    );
  });

  it('is never taken for any while a connection is open, which is looked at every so often', () => {
    const everyMs = lifetime.idleTimeoutMs / LOOKS_PER_TIMEOUT;
    let pin = begun;
    const untilMs = START_MS + 10 * lifetime.idleTimeoutMs;
    // Each look comes a moment before the touch would be due.
    for (let nowMs = START_MS + everyMs - 1; nowMs < untilMs; nowMs += everyMs) {
      expect(idleSince(pin, lifetime)).toBeGreaterThanOrEqual(nowMs);
      pin = used(pin, nowMs);
    }
  });

  it('is known soon enough after the last request, whatever the pin shows of it', () => {
    const idleForMs = 5_000;
    const lastMs = START_MS + lifetime.idleTimeoutMs / 4 - 1;
    const pin = used(begun, lastMs);
    const sinceMs = idleSince(pin, lifetime) ?? Number.NaN;
    expect(sinceMs + idleForMs).toBeLessThanOrEqual(lastMs + knownIdleAfterMs(idleForMs, lifetime));
    expect(sinceMs + idleForMs).toBeLessThan(pin.expiresAtMs);
  });

  it('is unknown of a session near its end, whose deadline moves no more', () => {
    expect(idleSince({ ...begun, expiresAtMs: begun.endsAtMs }, lifetime)).toBeUndefined();
  });
});
