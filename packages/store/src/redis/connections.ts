import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Random, RedisAddress, RedisLogin, RedisPlace } from '@holdfast/shared';
import { AbstractConnector, Cluster, Redis, type RedisOptions } from 'ioredis';
import { isWrongInstance } from './redis-error.ts';

/** What leads to Redis, in the words of ioredis: one connection, or one to each node of a Redis Cluster. */
export type RedisConnection = Redis | Cluster;

/** What is subscribed on. */
export type SubscriberConnection = Redis;

export interface ConnectionSettings {
  readonly place: RedisPlace;
  /** How TLS is spoken where the place asks for it. Default: as Node does, with the authorities that Node trusts. */
  readonly tls?: ConnectionOptions;
  /** The longest that one command may take, in milliseconds. */
  readonly commandTimeoutMs: number;
  /** Spreads the reconnects of many nodes. */
  readonly random: Random;
}

const CONNECT_TIMEOUT_MS = 500;
const SOCKET_TIMEOUT_MS = 1_000;
const DISCONNECT_TIMEOUT_MS = 200;
const KEEP_ALIVE_MS = 5_000;
const RECONNECT_DELAY_MS_MIN = 50;
const RECONNECT_DELAY_MS_MAX = 1_000;
const SENTINEL_TIMEOUT_MS = 500;
const SLOTS_TIMEOUT_MS = 500;

/** How long a command waits before it is sent again while Redis Cluster is changing. Several fit in a request's budget. */
const CLUSTER_RETRY_DELAY_MS = 15;

/** Opens what commands are sent on. It comes back by itself for as long as it is not closed. */
export function openCommands(settings: ConnectionSettings): RedisConnection {
  const { place } = settings;
  switch (place.kind) {
    case 'standalone':
      return new Redis({ ...connectionOptions(settings), ...place.address, db: place.database });
    case 'sentinel':
      return new Redis(sentinelOptions(settings, place));
    case 'cluster':
      return openCluster(settings, place.seeds);
  }
}

/**
 * Opens a connection to subscribe on. In Redis Cluster any node will do, because nodes pass messages on to each other;
 * each attempt is at another one, so that a node which is down or frozen is left behind.
 *
 * @param commands what {@link openCommands} has opened, which knows the nodes
 */
export function openSubscriber(
  settings: ConnectionSettings,
  commands: RedisConnection,
): SubscriberConnection {
  const { place, random } = settings;
  if (place.kind !== 'cluster' || commands instanceof Redis) return openCommands(settings) as Redis;
  const known = (): readonly RedisAddress[] => {
    const addresses = commands
      .nodes()
      .flatMap(({ options: { host, port } }) =>
        host === undefined || port === undefined ? [] : [{ host, port }],
      );
    return addresses.length === 0 ? place.seeds : addresses;
  };
  const Connector = connectorInTurn(known, tlsOptions(settings), random);
  return new Redis({ ...connectionOptions(settings), Connector });
}

/** The connections that together reach every primary. */
export const primariesOf = (connection: RedisConnection): readonly Redis[] =>
  connection instanceof Redis ? [connection] : connection.nodes().filter(isPrimary);

/** The primary that keeps a slot of a Redis Cluster, as far as it is known; empty where there are no slots. */
export const primaryOf = (connection: RedisConnection, slot: number): string =>
  connection instanceof Redis ? '' : (connection.slots[slot]?.[0] ?? '');

const isPrimary = (node: Redis): boolean => node.options.readOnly !== true;

/** Without it, the types of ioredis take replies for what RESP3 would make of them. */
type LegacyOptions = RedisOptions & { readonly replyMapping: 'legacy' };

function connectionOptions(settings: ConnectionSettings): LegacyOptions {
  const { place, commandTimeoutMs, random } = settings;
  const tls = tlsOptions(settings);
  return {
    // With RESP3, which is the default, ioredis drops invalidation pushes without a word.
    protocol: 2,
    replyMapping: 'legacy',
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: commandTimeoutMs,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    // A request never waits for a connection: without one, it is answered at once.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // A command whose connection broke may have run; the caller decides, by its own knowledge of the operation.
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // One right less that a user of Redis must have.
    disableClientInfo: true,
    retryStrategy: (attempt) => reconnectDelay(attempt, random),
    reconnectOnError: isWrongInstance,
    ...loginOptions(place.login),
    ...(tls !== undefined && { tls }),
  };
}

function sentinelOptions(
  settings: ConnectionSettings,
  place: RedisPlace & { readonly kind: 'sentinel' },
): LegacyOptions {
  const { sentinels, primary, database, sentinelLogin } = place;
  const tls = tlsOptions(settings);
  const retryDelay = (attempt: number): number => reconnectDelay(attempt, settings.random);
  return {
    ...connectionOptions(settings),
    sentinels: [...sentinels],
    name: primary,
    db: database,
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    sentinelRetryStrategy: retryDelay,
    sentinelReconnectStrategy: retryDelay,
    // Sentinels say when they have promoted a replica, which is sooner than any error tells.
    failoverDetector: true,
    ...(sentinelLogin?.user !== undefined && { sentinelUsername: sentinelLogin.user }),
    ...(sentinelLogin !== undefined && { sentinelPassword: sentinelLogin.password }),
    ...(tls !== undefined && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function openCluster(settings: ConnectionSettings, seeds: readonly RedisAddress[]): Cluster {
  const { retryStrategy: _, enableOfflineQueue, ...redisOptions } = connectionOptions(settings);
  const cluster = new Cluster([...seeds], {
    // Counts only here: ioredis passes over it among the options of a node.
    enableOfflineQueue,
    clusterRetryStrategy: (attempt) => reconnectDelay(attempt, settings.random),
    slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
    retryDelayOnFailover: CLUSTER_RETRY_DELAY_MS,
    retryDelayOnClusterDown: CLUSTER_RETRY_DELAY_MS,
    retryDelayOnTryAgain: CLUSTER_RETRY_DELAY_MS,
    // TLS is proven by names: resolving them here would ask for addresses instead.
    ...(settings.place.isTls && { dnsLookup: (host, found) => found(null, host) }),
    redisOptions,
  });
  // ioredis connects to a node with its first command, and turns others away until that is done. It must be left alone
  // until it is ready, because it finds that out by such commands.
  cluster.on('ready', () => primariesOf(cluster).forEach(connectNow));
  cluster.on('+node', (node: Redis) => {
    if (cluster.status === 'ready' && isPrimary(node)) connectNow(node);
  });
  return cluster;
}

function connectNow(node: Redis): void {
  // That it failed is told as an event, and by the next command.
  if (node.status === 'wait') node.connect().catch(() => {});
}

const loginOptions = (login: RedisLogin | undefined): Pick<RedisOptions, 'username' | 'password'> => ({
  ...(login?.user !== undefined && { username: login.user }),
  ...(login !== undefined && { password: login.password }),
});

const tlsOptions = ({ place, tls = {} }: ConnectionSettings): ConnectionOptions | undefined =>
  place.isTls ? tls : undefined;

function reconnectDelay(attempt: number, random: Random): number {
  const delayMs = Math.min(RECONNECT_DELAY_MS_MIN * 2 ** (attempt - 1), RECONNECT_DELAY_MS_MAX);
  return delayMs * (0.5 + random.unit() / 2);
}

/** Makes each attempt to connect at the address after the last one; nodes begin at different ones. */
function connectorInTurn(
  addresses: () => readonly RedisAddress[],
  tls: ConnectionOptions | undefined,
  random: Random,
): new () => AbstractConnector {
  let turn = Math.floor(random.unit() * 2 ** 16);
  return class extends AbstractConnector {
    constructor() {
      super(DISCONNECT_TIMEOUT_MS);
    }

    override async connect() {
      this.connecting = true;
      const choice = addresses();
      turn += 1;
      const address = choice[turn % choice.length] as RedisAddress;
      this.stream = tls === undefined ? connect(address) : connectTls({ ...address, ...tls });
      this.stream.once('error', (error) => {
        this.firstError = error;
      });
      return this.stream;
    }
  };
}
