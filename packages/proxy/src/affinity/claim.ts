import { RequestHeadParser } from '../codec/index.ts';
import type { Affinity } from './affinity.ts';
import type { KeySource } from './key-source.ts';
import type { LabelVisit } from './label-visit.ts';

/** What one source has found in a request. */
export interface Finding {
  readonly source: KeySource;
  /** In the order of the request: mostly one; none where there is only a cookie to keep from the endpoint. */
  readonly tokens: readonly string[];
  /** The `Cookie` lines for the endpoint, where the source keeps its own cookie from it. */
  readonly cookieLines: string | undefined;
}

/**
 * Tokens of one source that a request may bring. Each may cost a question to the store, and a head has room for thousands;
 * clients with a cookie for several paths, or a header from several hands, bring a few.
 */
const TOKENS_MAX = 8;

/** As many of the tokens as count: the first. */
export const firstTokens = (tokens: readonly string[]): readonly string[] =>
  tokens.length > TOKENS_MAX ? tokens.slice(0, TOKENS_MAX) : tokens;

/** What a request says of its session, read once for all who need it. */
export interface Claim {
  /** In the order in which the sources count. */
  readonly findings: readonly Finding[];
  /** The `Cookie` lines for the endpoint, without the proxy's own cookie; undefined: as they were received. */
  readonly cookieLines: string | undefined;
  /** In canonical form, as far as trusted proxies tell. */
  readonly clientAddress: string;
  /** What becomes of the label that the request names its endpoint by; only where the pool goes by labels. */
  readonly label?: LabelVisit;
}

export const NO_FINDINGS: readonly Finding[] = [];

/** A head without a field, a path or a query. */
const NO_REQUEST = new RequestHeadParser();

/** What a connection says of its session of which nothing is known but whose it is. */
export const addressClaim = (affinity: Affinity, clientAddress: string): Claim =>
  affinity.claimOf(NO_REQUEST, clientAddress);
