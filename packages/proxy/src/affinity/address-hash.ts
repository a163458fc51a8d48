import { addressPrefix, type PrefixLengths } from '../balance/address-prefix.ts';
import { rendezvous } from '../balance/rendezvous.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';

/** The endpoint of a client by its address alone, without `except`: the same at every node, with nothing kept anywhere. */
export type AddressHash = (clientAddress: string, except?: Endpoint) => Endpoint | undefined;

export const addressHashOf =
  (pool: Pool, prefixes: PrefixLengths): AddressHash =>
  (clientAddress, except) => {
    const candidates = except === undefined ? pool.candidates : pool.candidatesWithout(except);
    return rendezvous(addressPrefix(clientAddress, prefixes), candidates);
  };
