import type { SessionKey } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';

/**
 * Rendezvous hashing (highest random weight): every node with the same usable endpoints names the same one for a
 * key, without talking to anybody, and an endpoint that leaves moves only its own keys.
 *
 * A weight w gives w times the share of weight 1 (the logarithmic method of Schindelhauer and Schomaker).
 * Weight 0 counts as the smallest share, as this is asked when there may be no other.
 *
 * The hash is part of the contract between nodes and releases: a change of it moves sessions during an outage.
 */
export function rendezvous(key: SessionKey, candidates: readonly Endpoint[]): Endpoint | undefined {
  let best: Endpoint | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const endpoint of candidates) {
    const score = -Math.max(endpoint.weight, 1e-9) / Math.log(unitHash(key, endpoint.id));
    if (score > bestScore) {
      best = endpoint;
      bestScore = score;
    }
  }
  return best;
}

/** A number in (0, 1) from both strings: FNV-1a over the characters, finished by the mixer of MurmurHash3. */
function unitHash(key: string, id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ 0x2f, 0x01000193);
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
