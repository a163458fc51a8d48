import { type EndpointId, endpointOfPin } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';

/**
 * Where a session may go that has lost its place. A successor at its old address may well be a candidate, and is no better
 * than the others: whoever takes it for the same endpoint is not to find the session there.
 */
export function candidatesBeside(
  { candidates }: Pick<Pool, 'candidates'>,
  lost: EndpointId | undefined,
): readonly Endpoint[] {
  const id = lost && endpointOfPin(lost);
  const others = candidates.filter((endpoint) => endpoint.id !== id);
  return others.length > 0 ? others : candidates;
}
