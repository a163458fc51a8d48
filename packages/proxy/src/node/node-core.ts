import { hostname } from 'node:os';
import { type Clock, type Logger, type NodeId, nodeId, type Random, Ticker } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import { NearCache, type Store, TouchQueue } from '@holdfast/store';
import { SessionKeys } from '../affinity/session-keys.ts';
import type { SessionRecorder } from '../affinity/session-recorder.ts';
import { TouchedSessions } from '../affinity/touched-sessions.ts';
import { SessionCounts } from '../balance/session-counts.ts';
import { ClusterWatch } from '../cluster/cluster-watch.ts';
import type { AttemptRecorder, RequestRecorder } from '../forward/request-record.ts';
import { AddedEndpoints } from './added-endpoints.ts';
import { DrainWatch } from './drain-watch.ts';
import { type OpenedStore, openStore } from './open-store.ts';
import { type PoolFollower, PoolSet } from './pool-set.ts';
import { requestIds } from './request-ids.ts';
import { Secrets } from './secrets.ts';

/** How coarsely connections keep their deadlines. */
const TICK_MS = 100;
/** How long a remembered pin is believed while no news of changes arrives. */
const STALE_AFTER_MS = 1_000;

export interface NodeCoreOptions {
  readonly recorder: RequestRecorder;
  /** Default: nobody wants to know. */
  readonly attempts?: AttemptRecorder | undefined;
  /** Default: nobody wants to know. */
  readonly sessionRecorder?: SessionRecorder | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Default: what the configuration says, or else a name made of host and process. */
  readonly node?: NodeId | undefined;
  /** Who follows the pools. Default: nobody. */
  readonly follower?: PoolFollower | undefined;
  /** Endpoints that operators have added to its pools. Default: none as yet. */
  readonly added?: AddedEndpoints | undefined;
  /** Sees every operation that the store is asked for. Default: nobody does. */
  readonly decorate?: ((store: Store) => Store) | undefined;
}

/** What a node is made of apart from sockets that accept: the session map, the pools before it, and time for both. */
export interface NodeCore extends NodeCoreOptions {
  readonly node: NodeId;
  readonly store: OpenedStore;
  readonly near: NearCache;
  readonly secrets: Secrets;
  readonly ticker: Ticker;
  readonly newRequestId: () => string;
  /** Empty at first: {@link PoolSet.prepare} fills it. */
  readonly pools: PoolSet;
  readonly drains: DrainWatch;
  readonly added: AddedEndpoints;
  /** Waits to be started. */
  readonly cluster: ClusterWatch;
}

/** This node's name, where the configuration gives it none as well. */
export const nodeIdOf = ({ cluster }: Config): NodeId =>
  nodeId(cluster.node ?? `${hostname()}-${process.pid}`);

/** @throws HoldfastError if the store's file cannot be opened */
export async function openNodeCore(config: Config, options: NodeCoreOptions): Promise<NodeCore> {
  const { clock, random, log, decorate } = options;
  const store = await openStore(config, clock, random, log, decorate);
  const { sessions, invalidations, repair } = store.guarded;
  const near = new NearCache(
    { entriesMax: config.store.nearCacheEntries, staleAfterMs: STALE_AFTER_MS },
    invalidations,
  );
  const touched = new TouchedSessions({ near, keys: new SessionKeys(sessions, near), repair, clock });
  const touches = new TouchQueue(sessions, clock, touched);
  const shared = {
    ...options,
    node: options.node ?? nodeIdOf(config),
    ticker: new Ticker(clock, TICK_MS),
    newRequestId: requestIds(random),
  };
  const { store: storeConfig } = config;
  const added = options.added ?? new AddedEndpoints();
  const sessionCounts = new SessionCounts(store.guarded.inventory, clock, () => cluster.nodesAlive);
  const environment = {
    ...shared,
    cluster: config.cluster,
    storeConfig,
    sessions,
    near,
    repair,
    touches,
    sessionCounts,
    added,
  };
  const drains = new DrainWatch(store.guarded.drains, clock);
  const cluster = new ClusterWatch({
    membership: store.guarded.membership,
    node: shared.node,
    ask: (pool, endpoint) => pools.ask(pool, endpoint),
    ...{ clock, log },
  });
  const { follower } = options;
  const pools: PoolSet = new PoolSet(
    environment,
    drains,
    cluster,
    ...(follower === undefined ? [] : [follower]),
  );
  await drains.start();
  return { ...shared, store, near, secrets: new Secrets(random), pools, drains, added, cluster };
}
