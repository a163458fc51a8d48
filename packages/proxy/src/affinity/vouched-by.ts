import { type EpochMs, idleDeadline, type Lifetime, laterPin, type Pin } from '@holdfast/shared';
import type { Vouched } from './decide.ts';
import type { EndpointTags } from './endpoint-tags.ts';
import { type Voucher, vouches } from './voucher.ts';

/** What a voucher says of where its session is; undefined where it is too old to speak for it. */
export function vouchedBy(
  voucher: Voucher,
  lifetime: Lifetime,
  tags: EndpointTags,
  nowMs: EpochMs,
): Vouched | undefined {
  if (!vouches(voucher, lifetime, nowMs)) return undefined;
  const { version, startedAtMs, issuedAtMs } = voucher;
  const endpoint = tags.find(voucher.endpointTag);
  const endsAtMs = startedAtMs + lifetime.absoluteTimeoutMs;
  if (endpoint === undefined) return { kind: 'endpoint-unknown', version, endsAtMs };
  const expiresAtMs = idleDeadline(lifetime, endsAtMs, nowMs);
  return { kind: 'known', pin: { endpoint, version, pinnedAtMs: issuedAtMs, expiresAtMs, endsAtMs } };
}

/** What speaks for a session that the store has lost: what this node remembers, unless the voucher is later. */
export function vouchedOrRemembered(
  vouched: Vouched | undefined,
  remembered: Pin | undefined,
): Vouched | undefined {
  if (remembered === undefined) return vouched;
  const byMemory: Vouched = { kind: 'known', pin: remembered, isRemembered: true };
  if (vouched === undefined) return byMemory;
  if (vouched.kind === 'endpoint-unknown') return remembered.version > vouched.version ? byMemory : vouched;
  return laterPin(remembered, vouched.pin) === remembered ? byMemory : vouched;
}
