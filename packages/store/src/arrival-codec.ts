import { type Arrival, isEndpointId, isMoveReason } from '@holdfast/shared';

/** An arrival as adapters keep it: `<reason>,<from>`, such as `rebalanced,shop/shop-1`. */
export const encodeArrival = ({ reason, from }: Arrival): string => `${reason},${from}`;

/**
 * Reads it back. Undefined where it is anything that {@link encodeArrival} does not write, or has a reason that a later
 * release has written: its endpoint then goes untold, and the pin holds all the same.
 */
export function decodeArrival(text: string): Arrival | undefined {
  const comma = text.indexOf(',');
  const reason = text.slice(0, Math.max(0, comma));
  const from = text.slice(comma + 1);
  return isMoveReason(reason) && isEndpointId(from) ? { from, reason } : undefined;
}
