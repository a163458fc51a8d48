import { type EpochMs, isAlive, type Pin } from '@holdfast/shared';
import type { Touch, TouchResult } from './session-store.ts';

/** The pin, unless there is none or its deadline has passed by `nowMs`. */
export const livingPin = (pin: Pin | undefined, nowMs: EpochMs): Pin | undefined =>
  pin !== undefined && isAlive(pin, nowMs) ? pin : undefined;

/** The form in which every adapter writes a pin: its idle deadline is never past its absolute one. */
export const boundedPin = (pin: Pin): Pin =>
  pin.expiresAtMs <= pin.endsAtMs ? pin : { ...pin, expiresAtMs: pin.endsAtMs };

/** What a touch does to a session: its result, and the pin to write where the deadline moves. */
export interface TouchDecision {
  readonly result: TouchResult;
  readonly write?: Pin;
}

/** Compare-and-refresh on a session's living pin. A deadline only ever moves later, and never past the session's end. */
export function decideTouch(pin: Pin | undefined, touch: Touch): TouchDecision {
  if (pin === undefined) return { result: { kind: 'absent' } };
  if (pin.endpoint !== touch.endpoint || pin.version !== touch.version)
    return { result: { kind: 'moved', pin } };
  const expiresAtMs = Math.min(touch.expiresAtMs, pin.endsAtMs);
  if (expiresAtMs <= pin.expiresAtMs) return { result: { kind: 'touched' } };
  return { result: { kind: 'touched' }, write: { ...pin, expiresAtMs } };
}
