import { endpointOfPin } from '@holdfast/shared';
import type { Decision } from '../affinity/decide.ts';

/** A decision in a sentence for people. @param source of the key that counts; undefined where there is none */
export function why(
  decision: Decision | undefined,
  source: string | undefined,
  endpoint: string | undefined,
): string {
  switch (decision?.kind) {
    case undefined:
      return 'the request names no session that is known: the balance policy chooses, and a session begins if the pool keeps any';
    case 'keep':
      return `the session that its ${source} names is pinned to ${endpoint}, which may serve it`;
    case 'arrive':
      return `the session that its ${source} names was moved to ${endpoint} since its last request (${decision.arrival.reason}), and the endpoint is told`;
    case 'adopt':
      return `the session map is behind its ${source}, which vouches for ${endpoint}: the pin is written back, and decided on again`;
    case 'pin':
      return `nothing is known of the session that its ${source} names: the balance policy chooses, and it is pinned`;
    case 'repin':
      return `the session is pinned to ${endpointOfPin(decision.from.endpoint)} (${decision.reason}): it moves to where every node computes`;
    case 'fallback':
      if (decision.reason === 'endpoint-suspect')
        return 'this node holds its endpoint down, and most others hold it up: it is served where every node computes, and the pin is kept';
      return decision.pin === undefined
        ? 'the pin cannot be consulted or followed here: it is served where every node computes, and the pin is kept'
        : `the session map cannot be asked: its ${source} is believed`;
    case 'refuse':
      return `nobody may serve it now (${decision.reason}): it is answered with 503, and its pin is kept`;
  }
}
