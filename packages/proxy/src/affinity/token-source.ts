import type { AffinitySource, EpochMs } from '@holdfast/shared';
import type { RequestHeadParser } from '../codec/index.ts';
import { type Finding, firstTokens } from './claim.ts';
import type { Identity, KeySource } from './key-source.ts';
import type { TokenKeys } from './token-keys.ts';

/** Where a source's tokens stand in a request. A pure function; of no tokens it answers {@link NO_TOKENS}. */
export type FindTokens = (request: RequestHeadParser, clientAddress: string) => readonly string[];

export const NO_TOKENS: readonly string[] = [];

export interface TokenSourceOptions {
  readonly name: AffinitySource;
  readonly beginsSessions: boolean;
  readonly find: FindTokens;
  readonly keys: TokenKeys;
}

/** Sessions by tokens that clients or applications make up. */
export class TokenSource implements KeySource {
  readonly name: AffinitySource;
  readonly beginsSessions: boolean;
  readonly #find: FindTokens;
  readonly #keys: TokenKeys;

  constructor({ name, beginsSessions, find, keys }: TokenSourceOptions) {
    this.name = name;
    this.beginsSessions = beginsSessions;
    this.#find = find;
    this.#keys = keys;
  }

  find(request: RequestHeadParser, clientAddress: string): Finding | undefined {
    const tokens = this.#find(request, clientAddress);
    return tokens.length === 0
      ? undefined
      : { source: this, tokens: firstTokens(tokens), cookieLines: undefined };
  }

  open(token: string, _nowMs?: EpochMs): Identity | undefined {
    return this.#keys.identityOf(token);
  }
}
