import { type Clock, type ClusterName, HoldfastError, type Logger, type Random } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import {
  type CountedStore,
  countedStore,
  type GuardedStore,
  guardedStore,
  type Store,
} from '@holdfast/store';
import { openEndpointTls } from '../upstream/endpoint-tls.ts';
import { blame } from './open-tls.ts';

export interface OpenedStore {
  /** What the node works with: guarded, so that no request waits longer than `store.commandTimeout` for it. */
  readonly guarded: GuardedStore;
  readonly counted: CountedStore;
  /** `memory`, `sqlite` or `redis`: what the URL names, without what may be secret in it. */
  readonly kind: string;
}

/**
 * The last resort of a Redis command, inventory included. What requests wait for is bounded by the guard, which also
 * knows a slow store from a busy node.
 */
const REDIS_COMMAND_TIMEOUT_MS = 2_000;

/** What the URL of a store names: `memory`, `sqlite` or `redis`. */
export const storeKindOf = (url: string): string =>
  url.startsWith('redis') ? 'redis' : (url.split(':', 1)[0] as string);

/**
 * Opens the store that the configuration names; adapters are loaded only when they are used.
 *
 * @param decorate sees every operation that the adapter is asked for. Default: nobody does.
 * @throws HoldfastError `INTERNAL` naming the file, if one of `store.tls` cannot be read or used
 */
export async function openStore(
  { store, cluster }: Config,
  clock: Clock,
  random: Random,
  logger: Logger,
  decorate: (store: Store) => Store = (adapter) => adapter,
): Promise<OpenedStore> {
  const kind = storeKindOf(store.url);
  const adapter = await openAdapter(kind, store, cluster.name as ClusterName, clock, random);
  const counted = countedStore(decorate(adapter));
  const guarded = guardedStore(counted, {
    clock,
    random,
    logger,
    commandTimeoutMs: store.commandTimeout,
    writeBacksPerSecond: store.writeBacksPerSecond,
  });
  return { guarded, counted, kind };
}

async function openAdapter(
  kind: string,
  { url, tls, commandTimeout }: Config['store'],
  cluster: ClusterName,
  clock: Clock,
  random: Random,
): Promise<Store> {
  switch (kind) {
    case 'memory':
      return (await import('@holdfast/store/memory')).openMemoryStore();
    case 'sqlite': {
      const { openSqliteStore } = await import('@holdfast/store/sqlite');
      return openSqliteStore({ file: url.slice('sqlite:'.length), clock, busyTimeoutMs: commandTimeout });
    }
    case 'redis': {
      const { openRedisStore } = await import('@holdfast/store/redis');
      return openRedisStore({
        url,
        cluster,
        clock,
        random,
        commandTimeoutMs: REDIS_COMMAND_TIMEOUT_MS,
        ...(tls !== undefined && { tls: await openEndpointTls(tls).catch(blame('store')) }),
      });
    }
    default:
      throw new HoldfastError('INTERNAL', `no store for the URL scheme "${kind}"`);
  }
}
