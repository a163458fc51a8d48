import type { Arrival } from './cart.ts';

/** The request header with which Holdfast announces, once, that a session has come from another endpoint. */
export const SESSION_MOVED = 'holdfast-session-moved';

const ARRIVAL = /^from=([^;\s]+);\s*reason=([\w-]+)$/;

/**
 * Reads `Holdfast-Session-Moved: from=<endpoint id>; reason=<reason>`. The proxy removes the header from
 * what clients send, so an endpoint may believe it.
 */
export function readArrival(header: string | undefined): Arrival | undefined {
  const [, from, reason] = ARRIVAL.exec(header ?? '') ?? [];
  return from === undefined || reason === undefined ? undefined : { from, reason };
}
