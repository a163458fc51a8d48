import type { ClusterName, PoolName } from '@holdfast/shared';
import type { AffinitySourceConfig, LearnConfig } from '@holdfast/shared/config';
import { appCookieTokens } from '../affinity/app-cookie-tokens.ts';
import { headerTokens } from '../affinity/header-tokens.ts';
import {
  type LearnToken,
  learnFromCookie,
  learnFromHeader,
  learnFromLocation,
} from '../affinity/learnt-token.ts';
import type { LearningSource } from '../affinity/session-learner.ts';
import { sourceIpTokens } from '../affinity/source-ip-tokens.ts';
import { pathParameter, queryParameter } from '../affinity/target-parameter.ts';
import { pathTokens, queryTokens } from '../affinity/target-tokens.ts';
import { TokenKeys } from '../affinity/token-keys.ts';
import { type FindTokens, TokenSource } from '../affinity/token-source.ts';

/** A source of a pool, and what is learnt for it: nothing where its tokens come from clients or the proxy. */
export type PoolSource = LearningSource;

/** What the sources of a pool have in common. */
export interface SourceEnvironment {
  /** Newest first. */
  readonly secrets: readonly string[];
  readonly scope: { readonly cluster: ClusterName; readonly pool: PoolName };
  /** Tokens that each source remembers the keys of. */
  readonly rememberedMax: number;
}

/** A source by tokens that clients or applications make up. */
export type TokenSourceConfig = Exclude<AffinitySourceConfig, { type: 'cookie' }>;

export function tokenSourceOf(config: TokenSourceConfig, environment: SourceEnvironment): PoolSource {
  const { secrets, scope, rememberedMax } = environment;
  const places = placesOf(config);
  const bodyField = 'learn' in config ? config.learn?.body : undefined;
  const keys = new TokenKeys(secrets, { ...scope, source: scopeOf(config) }, rememberedMax);
  const source = new TokenSource({
    name: config.type,
    beginsSessions: isGiven(config) || (places.length === 0 && bodyField === undefined),
    find: finderOf(config),
    keys,
  });
  return { source, places, bodyField };
}

/** Whether clients may make tokens up even where endpoints issue them. */
const isGiven = (config: TokenSourceConfig): boolean => 'given' in config && config.given === true;

/** A change of anything in it makes other sessions of the same tokens. */
function scopeOf(config: TokenSourceConfig): string {
  if (config.type === 'source-ip') return config.type;
  return `${config.type}:${config.type === 'header' ? config.name.toLowerCase() : config.name}`;
}

function finderOf(config: TokenSourceConfig): FindTokens {
  switch (config.type) {
    case 'app-cookie':
      return appCookieTokens(config.name);
    case 'header':
      return headerTokens(config.name);
    case 'query':
      return queryTokens(config.name);
    case 'path':
      return pathTokens(config.name);
    case 'source-ip':
      return sourceIpTokens(config);
  }
}

function placesOf(config: TokenSourceConfig): readonly LearnToken[] {
  switch (config.type) {
    case 'app-cookie':
      return config.learn === undefined ? [learnFromCookie(config.name)] : learntFrom(config.learn, config);
    case 'source-ip':
      return [];
    default:
      return config.learn === undefined ? [] : learntFrom(config.learn, config);
  }
}

function learntFrom(learn: LearnConfig, { type, name }: TokenSourceConfig & { name: string }): LearnToken[] {
  const { header, cookie, location } = learn;
  const places: LearnToken[] = [];
  if (header !== undefined) places.push(learnFromHeader(header));
  if (cookie !== undefined) places.push(learnFromCookie(cookie));
  if (location === true)
    places.push(learnFromLocation(name, type === 'path' ? pathParameter : queryParameter));
  return places;
}
