import { type Clock, clusterName, type Lifetime, type Random } from '@holdfast/shared';
import { type AffinityConfig, type Config, lifetimeOf, type SourceConfigOf } from '@holdfast/shared/config';
import type { NearCache, Repair, SessionStore, TouchQueue } from '@holdfast/store';
import { addressHashOf } from '../affinity/address-hash.ts';
import type { Affinity } from '../affinity/affinity.ts';
import { CompanionCookie } from '../affinity/companion-cookie.ts';
import { CookieSeal } from '../affinity/cookie-seal.ts';
import { EndpointTags } from '../affinity/endpoint-tags.ts';
import type { KeySource } from '../affinity/key-source.ts';
import { NoAffinity } from '../affinity/no-affinity.ts';
import type { CookieCaching } from '../affinity/response-cookies.ts';
import { SealedCookieSource } from '../affinity/sealed-cookie-source.ts';
import { SessionAffinity } from '../affinity/session-affinity.ts';
import { SessionKeys } from '../affinity/session-keys.ts';
import { SessionLearner } from '../affinity/session-learner.ts';
import type { SessionRecorder } from '../affinity/session-recorder.ts';
import { SessionResolver } from '../affinity/session-resolver.ts';
import { SessionTouches } from '../affinity/session-touches.ts';
import type { Pool } from '../pool/pool.ts';
import { type PoolSource, type SourceEnvironment, tokenSourceOf } from './pool-key-source.ts';
import { withLabels } from './pool-labels.ts';

/** What the affinities of all pools share: one session map, one near cache before it, one queue of touches behind it. */
export interface AffinityEnvironment {
  readonly cluster: Config['cluster'];
  readonly storeConfig: Config['store'];
  readonly sessions: SessionStore;
  readonly near: NearCache;
  readonly repair: Pick<Repair, 'admits'>;
  readonly touches: TouchQueue;
  /** Default: nobody wants to know. */
  readonly sessionRecorder?: SessionRecorder | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** What keeps the sessions of a pool, as its configuration says. @param secrets newest first */
export const affinityOf = (
  config: AffinityConfig,
  secrets: readonly string[],
  pool: Pool,
  environment: AffinityEnvironment,
): Affinity => withLabels(pinningAffinityOf(config, secrets, pool, environment), config, pool);

function pinningAffinityOf(
  config: AffinityConfig,
  secrets: readonly string[],
  pool: Pool,
  environment: AffinityEnvironment,
): Affinity {
  if (config.sources.length === 0) return new NoAffinity(pool);
  const { storeConfig, sessions, near, repair, sessionRecorder } = environment;
  const lifetime = lifetimeOf(config);
  const tags = new EndpointTags(pool);
  const keys = new SessionKeys(sessions, near);
  const { sources, sealedCookie, companion, cacheControl, hashed } = sourcesOf(
    config,
    secrets,
    pool,
    tags,
    lifetime,
    environment,
  );
  const learning = sources.filter(({ places, bodyField }) => places.length > 0 || bodyField !== undefined);
  return new SessionAffinity({
    pool,
    sources: sources.map(({ source }) => source),
    sealedCookie,
    companion,
    cacheControl,
    addressHash: hashed && addressHashOf(pool, hashed),
    learner: learning.length > 0 ? new SessionLearner(learning, keys, lifetime) : undefined,
    leavesBusy: config.onEndpointBusy === 'repin',
    resolver: new SessionResolver({
      pool,
      tags,
      store: sessions,
      near,
      repair,
      lifetime,
      onEndpointDown: config.onEndpointDown,
      onEndpointBusy: config.onEndpointBusy,
      onStoreUnavailable: storeConfig.onUnavailable,
      strayed: sessionRecorder && ((requests) => sessionRecorder.sessionStrayed(pool.name, requests)),
    }),
    keys,
    near,
    touches: new SessionTouches(lifetime, near, environment.touches),
  });
}

/** The sources of a pool; some kinds have a part of their own besides. */
interface Sources {
  readonly sources: readonly PoolSource[];
  readonly sealedCookie: SealedCookieSource | undefined;
  readonly companion: CompanionCookie | undefined;
  readonly cacheControl: CookieCaching | undefined;
  readonly hashed: SourceConfigOf<'source-ip'> | undefined;
}

function sourcesOf(
  { sources: configs }: AffinityConfig,
  secrets: readonly string[],
  pool: Pool,
  tags: EndpointTags,
  lifetime: Lifetime,
  { cluster, storeConfig, random }: AffinityEnvironment,
): Sources {
  const scope = { cluster: clusterName(cluster.name), pool: pool.name };
  const rememberedMax = storeConfig.nearCacheEntries;
  const environment: SourceEnvironment = { secrets, scope, rememberedMax };
  const sources: PoolSource[] = [];
  const sealFor = (cookieName: string): CookieSeal =>
    new CookieSeal(secrets, { ...scope, cookieName }, random);
  const common = { tags, lifetime, openedMax: rememberedMax };
  let sealedCookie: SealedCookieSource | undefined;
  let companion: CompanionCookie | undefined;
  let cacheControl: CookieCaching | undefined;
  let hashed: SourceConfigOf<'source-ip'> | undefined;
  for (const config of configs) {
    if (config.type === 'source-ip' && config.mode === 'hash') hashed = config;
    else if (config.type === 'cookie') {
      sealedCookie = new SealedCookieSource({ config, seal: sealFor(config.name), random, ...common });
      if (config.cookie.cacheControl !== 'none') ({ cacheControl } = config.cookie);
      sources.push(issuing(sealedCookie));
    } else {
      const keyed = tokenSourceOf(config, environment);
      if (config.type === 'app-cookie' && config.companion !== undefined) {
        const appCookie = { name: config.name, source: keyed.source };
        const seal = sealFor(config.companion.name);
        companion = new CompanionCookie({ config: config.companion, appCookie, seal, ...common });
        cacheControl = 'private';
        // Before the other, as it says more of the same session.
        sources.push(issuing(companion));
      }
      sources.push(keyed);
    }
  }
  return { sources, sealedCookie, companion, cacheControl, hashed };
}

/** A source that issues its tokens itself: no endpoint says any. */
const issuing = (source: KeySource): PoolSource => ({ source, places: [], bodyField: undefined });
