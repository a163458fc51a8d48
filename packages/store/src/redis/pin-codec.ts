import type { EndpointId, Pin } from '@holdfast/shared';

/**
 * A pin as Redis keeps it: `<version> <pinned at> <ends at> <endpoint>`, times in milliseconds as base 36, such as
 * `1 mgxw3v28 mgzxiuw8 shop/shop-1`. The idle deadline is kept beside it as the score of the sorted set, so that a
 * touch rewrites one number. `scripts/bucket.lua` reads the same form and must accept exactly what this accepts.
 */
const VALUE = /^([1-9]\d{0,14}) ([0-9a-z]{1,10}) ([0-9a-z]{1,10}) (.+)$/s;

export const encodePin = (pin: Pin): string =>
  `${pin.version} ${pin.pinnedAtMs.toString(36)} ${pin.endsAtMs.toString(36)} ${pin.endpoint}`;

/** Reads a pin back. Undefined where value or deadline is anything that {@link encodePin} does not write. */
export function decodePin(value: unknown, deadline: unknown): Pin | undefined {
  if (typeof value !== 'string' || typeof deadline !== 'number') return undefined;
  const match = VALUE.exec(value);
  if (match === null) return undefined;
  return {
    endpoint: match[4] as EndpointId,
    version: Number(match[1]),
    pinnedAtMs: Number.parseInt(match[2]!, 36),
    expiresAtMs: deadline,
    endsAtMs: Number.parseInt(match[3]!, 36),
  };
}
