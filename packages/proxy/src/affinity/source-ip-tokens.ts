import { addressPrefix, type PrefixLengths } from '../balance/address-prefix.ts';
import { type FindTokens, NO_TOKENS } from './token-source.ts';

/** The network of the client's address. */
export const sourceIpTokens =
  (prefixes: PrefixLengths): FindTokens =>
  (_request, clientAddress) =>
    clientAddress === '' ? NO_TOKENS : [addressPrefix(clientAddress, prefixes)];
