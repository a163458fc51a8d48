import type { EndpointId, Pin, SessionKey } from '@holdfast/shared';
import { decodeArrival, encodeArrival } from '../arrival-codec.ts';

/**
 * A pin as Redis keeps it: `<version> <pinned at> <ends at> [^<root> ][><arrival> ]<endpoint>`, times in milliseconds as
 * base 36, such as `1 mgxw3v28 mgzxiuw8 shop/shop-1`. No endpoint begins with `^` or `>`, so that one which does is a
 * damaged root or arrival. The idle deadline is kept beside it as the score of the sorted set, so that a touch rewrites one
 * number. `scripts/bucket.lua` reads the same form and must accept exactly what this accepts.
 */
const VALUE =
  /^([1-9]\d{0,13}) ([0-9a-z]{1,10}) ([0-9a-z]{1,10}) (?:\^([A-Za-z0-9_-]{22}) )?(?:>([\w.:,[\]/-]{1,256}) )?([^^>].*)$/s;

export function encodePin(pin: Pin): string {
  const root = pin.root === undefined ? '' : `^${pin.root} `;
  const arrival = pin.arrival === undefined ? '' : `>${encodeArrival(pin.arrival)} `;
  const times = `${pin.pinnedAtMs.toString(36)} ${pin.endsAtMs.toString(36)}`;
  return `${pin.version} ${times} ${root}${arrival}${pin.endpoint}`;
}

/** Reads a pin back. Undefined where value or deadline is anything that {@link encodePin} does not write. */
export function decodePin(value: unknown, deadline: unknown): Pin | undefined {
  if (typeof value !== 'string' || typeof deadline !== 'number') return undefined;
  const match = VALUE.exec(value);
  if (match === null) return undefined;
  const arrival = match[5] === undefined ? undefined : decodeArrival(match[5]);
  return {
    endpoint: match[6] as EndpointId,
    version: Number(match[1]),
    pinnedAtMs: Number.parseInt(match[2]!, 36),
    expiresAtMs: deadline,
    endsAtMs: Number.parseInt(match[3]!, 36),
    ...(match[4] !== undefined && { root: match[4] as SessionKey }),
    ...(arrival !== undefined && { arrival }),
  };
}
