import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { canonicalAddress } from '../exchange/peer.ts';
import { Networks } from '../socket/networks.ts';

/** Peers whose forwarded headers are believed. */
export class TrustedProxies {
  readonly #networks: Networks;
  readonly #isEmpty: boolean;
  readonly #known = new LRUCache<string, boolean>({ max: 1024 });

  /** @param networks addresses and networks in CIDR notation */
  constructor(networks: readonly string[]) {
    this.#isEmpty = networks.length === 0;
    this.#networks = new Networks(networks);
  }

  has(address: string): boolean {
    if (this.#isEmpty) return false;
    let isTrusted = this.#known.get(address);
    if (isTrusted === undefined) {
      isTrusted = this.#networks.has(address);
      this.#known.set(address, isTrusted);
    }
    return isTrusted;
  }
}

/**
 * The client's address: the last one in `X-Forwarded-For` that is not a trusted proxy's, read from the right,
 * since everything to the left of the first untrusted one is the client's own invention.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  if (forwardedFor === undefined) return peer;
  const hops = forwardedFor.split(',');
  let client = peer;
  for (let index = hops.length - 1; index >= 0; index--) {
    const hop = canonicalAddress((hops[index] as string).trim());
    if (isIP(hop) === 0) return client;
    client = hop;
    if (!trusted.has(hop)) return client;
  }
  return client;
}
