import {
  type Clock,
  clusterName,
  endpointId,
  type Logger,
  type NodeId,
  poolName,
  type Random,
  type Ticker,
} from '@holdfast/shared';
import type { Config, PoolConfig } from '@holdfast/shared/config';
import { NearCache, TouchQueue } from '@holdfast/store';
import type { Affinity } from '../affinity/affinity.ts';
import { CookieAffinity } from '../affinity/cookie-affinity.ts';
import { CookieSeal } from '../affinity/cookie-seal.ts';
import { NoAffinity } from '../affinity/no-affinity.ts';
import { LeastConnections } from '../balance/least-connections.ts';
import { RoundRobin } from '../balance/round-robin.ts';
import type { Selector } from '../balance/selector.ts';
import { Forwarder } from '../forward/forwarder.ts';
import type { RequestRecorder } from '../forward/request-record.ts';
import { Endpoint } from '../pool/endpoint.ts';
import { Pool } from '../pool/pool.ts';
import { EndpointConnections } from '../upstream/endpoint-connections.ts';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { OpenedStore } from './open-store.ts';

/** What all pools of a node share. */
export interface PoolEnvironment {
  readonly config: Config;
  readonly secrets: readonly string[];
  /** How TLS is spoken with the endpoints of a pool, by its name, where the configuration says how. */
  readonly endpointTls: ReadonlyMap<string, EndpointTls>;
  readonly node: NodeId;
  readonly store: OpenedStore;
  readonly recorder: RequestRecorder;
  readonly newRequestId: () => string;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A pool with everything that serves it. */
export interface ServedPool {
  readonly pool: Pool;
  readonly forwarder: Forwarder;
  readonly tls: EndpointTls | undefined;
  close(): void;
}

/** Builds the pools of a configuration, with one near cache and one touch queue for all of them. */
export function buildPools(environment: PoolEnvironment): readonly ServedPool[] {
  const { config, store, clock } = environment;
  const { sessions, invalidations } = store.guarded;
  const near = new NearCache(
    { entriesMax: config.store.nearCacheEntries, staleAfterMs: STALE_AFTER_MS },
    invalidations,
  );
  const touches = new TouchQueue(sessions, clock, {
    touchedElsewhere: (key) => near.drop(key),
  });
  return config.pools.map((pool) => buildPool(pool, environment, near, touches));
}

/** How long a remembered pin is believed while no news of changes arrives. */
const STALE_AFTER_MS = 1_000;

function buildPool(
  config: PoolConfig,
  environment: PoolEnvironment,
  near: NearCache,
  touches: TouchQueue,
): ServedPool {
  const { clock, log, node, recorder, newRequestId } = environment;
  const name = poolName(config.name);
  const endpoints = config.endpoints.map(
    ({ id, url, weight }) => new Endpoint(endpointId(name, id), originOf(url), weight),
  );
  const pool = new Pool({
    name,
    endpoints,
    selector: selectorOf(config, environment.random),
    healthCheck: config.healthCheck,
    outlierDetection: config.outlierDetection,
    clock,
    log,
  });
  const affinity = affinityOf(config, pool, environment, near, touches);
  const tls = environment.endpointTls.get(config.name);
  const upstreams = new Map<Endpoint, Upstream>(
    endpoints.map((endpoint) => [endpoint, upstreamOf(endpoint, config, tls, environment.ticker)]),
  );
  const forwarder = new Forwarder({ pool, affinity, upstreams, recorder, node, newRequestId, clock, log });
  return {
    pool,
    forwarder,
    tls,
    close() {
      for (const upstream of upstreams.values()) upstream.close();
    },
  };
}

const originOf = (url: string): string => new URL(url).origin;

function selectorOf({ balance }: PoolConfig, random: Random): Selector {
  switch (balance) {
    case 'round-robin':
      return new RoundRobin(random.unit());
    case 'least-connections':
      return new LeastConnections();
  }
}

const upstreamOf = (
  endpoint: Endpoint,
  { timeouts, connectionsPerEndpoint }: PoolConfig,
  tls: EndpointTls | undefined,
  ticker: Ticker,
): Upstream =>
  new EndpointConnections({
    origin: endpoint.origin,
    tls,
    connectionsMax: connectionsPerEndpoint,
    connectTimeoutMs: timeouts.connect,
    responseTimeoutMs: timeouts.response,
    idleTimeoutMs: timeouts.idle,
    ticker,
  });

function affinityOf(
  { affinity }: PoolConfig,
  pool: Pool,
  environment: PoolEnvironment,
  near: NearCache,
  touches: TouchQueue,
): Affinity {
  if (affinity.type === 'none') return new NoAffinity(pool);
  const { config, secrets, store, clock, random } = environment;
  const scope = {
    cluster: clusterName(config.cluster.name),
    pool: pool.name,
    cookieName: affinity.name,
  };
  return new CookieAffinity({
    config: affinity,
    pool,
    seal: new CookieSeal(secrets, scope, random),
    store: store.guarded.sessions,
    near,
    touches,
    onStoreUnavailable: config.store.onUnavailable,
    openedMax: config.store.nearCacheEntries,
    clock,
    random,
  });
}
