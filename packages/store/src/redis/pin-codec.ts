import type { EndpointId, Pin, SessionKey } from '@holdfast/shared';

/**
 * A pin as Redis keeps it: `<version> <pinned at> <ends at> [^<root> ]<endpoint>`, times in milliseconds as base 36,
 * such as `1 mgxw3v28 mgzxiuw8 shop/shop-1`. No endpoint begins with `^`, so that one which does is a damaged root. The
 * idle deadline is kept beside it as the score of the sorted set, so that a touch rewrites one number.
 * `scripts/bucket.lua` reads the same form and must accept exactly what this accepts.
 */
const VALUE = /^([1-9]\d{0,13}) ([0-9a-z]{1,10}) ([0-9a-z]{1,10}) (?:\^([A-Za-z0-9_-]{22}) )?([^^].*)$/s;

export function encodePin(pin: Pin): string {
  const root = pin.root === undefined ? '' : `^${pin.root} `;
  return `${pin.version} ${pin.pinnedAtMs.toString(36)} ${pin.endsAtMs.toString(36)} ${root}${pin.endpoint}`;
}

/** Reads a pin back. Undefined where value or deadline is anything that {@link encodePin} does not write. */
export function decodePin(value: unknown, deadline: unknown): Pin | undefined {
  if (typeof value !== 'string' || typeof deadline !== 'number') return undefined;
  const match = VALUE.exec(value);
  if (match === null) return undefined;
  const pin = {
    endpoint: match[5] as EndpointId,
    version: Number(match[1]),
    pinnedAtMs: Number.parseInt(match[2]!, 36),
    expiresAtMs: deadline,
    endsAtMs: Number.parseInt(match[3]!, 36),
  };
  return match[4] === undefined ? pin : { ...pin, root: match[4] as SessionKey };
}
