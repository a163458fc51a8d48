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
export const rendezvous = (key: string, candidates: readonly Endpoint[]): Endpoint | undefined =>
  rendezvousBy(key, candidates, ({ weight }) => Math.max(weight, 1e-9));

/** As {@link rendezvous}, with other weights. An endpoint of weight 0 is passed over. */
export function rendezvousBy(
  key: string,
  candidates: readonly Endpoint[],
  weightOf: (endpoint: Endpoint) => number,
): Endpoint | undefined {
  const keyHash = hashOf('/', hashOf(key, 0x811c9dc5));
  let best: Endpoint | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const endpoint of candidates) {
    const weight = weightOf(endpoint);
    if (weight <= 0) continue;
    const score = -weight / Math.log(unitOf(hashOf(endpoint.id, keyHash)));
    if (score > bestScore) {
      best = endpoint;
      bestScore = score;
    }
  }
  return best;
}

/** FNV-1a over the characters, going on from the hash of what came before. */
function hashOf(text: string, before: number): number {
  let hash = before;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** A number in (0, 1) of a hash, by the mixer of MurmurHash3. */
function unitOf(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
