import { endpointOfPin, type Pin } from '@holdfast/shared';
import { isOfPredecessor } from '../pool/incarnation.ts';
import type { Pool } from '../pool/pool.ts';
import type { Standing } from './decide.ts';

const SERVING: Standing = { kind: 'serving' };
const DOWN: Standing = { kind: 'down' };
const SUSPECT: Standing = { kind: 'suspect' };
const BUSY: Standing = { kind: 'busy' };
const REPLACED: Standing = { kind: 'replaced' };
const UNKNOWN: Standing = { kind: 'unknown' };
const GONE: Standing = { kind: 'gone' };

/** How the endpoint of a pin stands, as far as this node knows. */
export function standingOf(pool: Pool, pin: Pin): Standing {
  const endpoint = pool.find(endpointOfPin(pin.endpoint));
  if (endpoint === undefined) return pin.pinnedAtMs < pool.completeUntilMs ? GONE : UNKNOWN;
  if (isOfPredecessor(pin, endpoint)) return REPLACED;
  switch (endpoint.standing) {
    case 'serving':
      return SERVING;
    case 'down':
      return DOWN;
    case 'suspect':
      return SUSPECT;
    case 'draining':
      // Where nobody else takes new sessions, there is nowhere to move to.
      if (pool.candidates.includes(endpoint)) return SERVING;
      return { kind: 'draining', sinceMs: endpoint.staysBeforeMs };
  }
}

/** As {@link standingOf}, for sessions that do not wait for an endpoint while another one has room. */
export function standingOrBusyOf(pool: Pool, pin: Pin): Standing {
  const standing = standingOf(pool, pin);
  if (standing.kind !== 'serving' || pool.find(endpointOfPin(pin.endpoint))?.hasRoom !== false)
    return standing;
  return pool.candidates.some(({ hasRoom }) => hasRoom) ? BUSY : standing;
}
