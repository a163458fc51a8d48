import { describe, expect, it } from 'vitest';
import { endpointId, poolName } from './ids.ts';
import { idleDeadline, isAlive, isTouchDue, type Lifetime, laterPin, type Pin } from './pin.ts';

const NOW = 1_700_000_000_000;
const lifetime: Lifetime = { idleTimeoutMs: 1_200_000, absoluteTimeoutMs: 86_400_000 };

const pinWith = (changes: Partial<Pin> = {}): Pin => ({
  endpoint: endpointId(poolName('shop'), 'a'),
  version: 1,
  pinnedAtMs: NOW,
  expiresAtMs: NOW + lifetime.idleTimeoutMs,
  endsAtMs: NOW + lifetime.absoluteTimeoutMs,
  ...changes,
});

describe('isAlive', () => {
  it.each([
    ['idle deadline', { expiresAtMs: NOW }],
    ['end', { endsAtMs: NOW }],
  ])('says that the last millisecond of a pin is the one before its %s', (_, changes) => {
    expect(isAlive(pinWith(changes), NOW - 1)).toBe(true);
    expect(isAlive(pinWith(changes), NOW)).toBe(false);
  });
});

describe('idleDeadline', () => {
  it('is one idle timeout away', () => {
    expect(idleDeadline(lifetime, NOW + lifetime.absoluteTimeoutMs, NOW)).toBe(NOW + lifetime.idleTimeoutMs);
  });

  it('is never past the end of the session, so that a busy session cannot outlive its absolute timeout', () => {
    expect(idleDeadline(lifetime, NOW + 1, NOW)).toBe(NOW + 1);
  });
});

describe('isTouchDue', () => {
  const quarterMs = lifetime.idleTimeoutMs / 4;

  it('is due once a quarter of the idle timeout has passed since the deadline moved, not before', () => {
    expect(isTouchDue(lifetime, pinWith(), NOW)).toBe(false);
    expect(isTouchDue(lifetime, pinWith(), NOW + quarterMs - 1)).toBe(false);
    expect(isTouchDue(lifetime, pinWith(), NOW + quarterMs)).toBe(true);
  });

  it('is never due when the deadline is the end of the session already, as it could not move', () => {
    const pin = pinWith({ expiresAtMs: NOW + 1_000, endsAtMs: NOW + 1_000 });
    expect(isTouchDue(lifetime, pin, NOW + 999)).toBe(false);
  });

  it('is due no more than three times in an idle timeout of a session that asks every second', () => {
    let pin = pinWith();
    let touches = 0;
    for (let nowMs = NOW; nowMs < NOW + lifetime.idleTimeoutMs; nowMs += 1_000) {
      if (!isTouchDue(lifetime, pin, nowMs)) continue;
      touches++;
      pin = pinWith({ expiresAtMs: idleDeadline(lifetime, pin.endsAtMs, nowMs) });
    }
    expect(touches).toBe(3);
  });
});

describe('laterPin', () => {
  const versioned = (id: string, version: number): Pin =>
    pinWith({ endpoint: endpointId(poolName('shop'), id), version });

  it('is the one with the higher version, wherever it was found', () => {
    expect(laterPin(versioned('a', 2), versioned('b', 1)).endpoint).toBe('shop/a');
    expect(laterPin(versioned('a', 1), versioned('b', 2)).endpoint).toBe('shop/b');
  });

  it("is the store's at equal versions: of two writers of one version the store let one win", () => {
    expect(laterPin(versioned('b', 2), versioned('a', 2)).endpoint).toBe('shop/b');
    expect(laterPin(versioned('a', 2), versioned('b', 2)).endpoint).toBe('shop/a');
  });
});
