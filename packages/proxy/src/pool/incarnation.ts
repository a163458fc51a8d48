import { createHash } from 'node:crypto';
import { type EndpointId, incarnatedId, type Pin } from '@holdfast/shared';
import type { Endpoint } from './endpoint.ts';

/** Long enough that successors differ, and little beside the rest of a pin. */
const MARK_CHARACTERS = 8;

/** What pins say of an endpoint at which that process serves. A digest: incarnations may be of any length and signs. */
export function pinIdOf(id: EndpointId, incarnation: string | undefined): EndpointId {
  if (incarnation === undefined) return id;
  const digest = createHash('sha256').update(incarnation).digest('base64url');
  return incarnatedId(id, digest.slice(0, MARK_CHARACTERS));
}

/** Everything that pins say whose sessions came to the process that serves at the endpoint, as far as is known. */
export const pinIdsOf = ({ id, pinId, isSuccessor }: Incarnated): readonly EndpointId[] =>
  isSuccessor || pinId === id ? [pinId] : [pinId, id];

/** What is known of the process that serves at an endpoint. */
type Incarnated = Pick<Endpoint, 'id' | 'pinId' | 'incarnation' | 'incarnationSinceMs' | 'isSuccessor'>;

/**
 * Whether a session came to a process that is no longer the one at its endpoint.
 *
 * Nodes learn of a successor one after the other. A pin to another process that is later than this node's knowledge is not of
 * a predecessor but of a successor that this node has yet to hear of. A pin that names no process is from before any was
 * known; it is the predecessor's if this node has seen the change.
 */
export function isOfPredecessor(pin: Pin, endpoint: Incarnated): boolean {
  if (endpoint.incarnation === undefined || pin.endpoint === endpoint.pinId) return false;
  if (pin.endpoint === endpoint.id && !endpoint.isSuccessor) return false;
  return pin.pinnedAtMs < endpoint.incarnationSinceMs;
}
