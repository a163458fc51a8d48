import type { Endpoint } from '../pool/endpoint.ts';
import type { Standing } from './decide.ts';

const SERVING: Standing = { kind: 'serving' };
const DOWN: Standing = { kind: 'down' };
const UNKNOWN: Standing = { kind: 'unknown' };

/** How an endpoint of the pool stands; undefined is one that this node's configuration does not know. */
export function standingOf(endpoint: Endpoint | undefined): Standing {
  if (endpoint === undefined) return UNKNOWN;
  switch (endpoint.standing) {
    case 'serving':
      return SERVING;
    case 'down':
      return DOWN;
    case 'draining':
      return { kind: 'draining', sinceMs: endpoint.drainingSinceMs ?? 0 };
  }
}
