import { affinityProblems, needsSecret, pinsSessions } from './affinity-checks.ts';
import type { ConfigPath } from './config-path.ts';
import { cookieCollisions } from './cookie-collisions.ts';
import { discoveryProblems } from './discovery-checks.ts';
import { duplicateEndpoints, duplicates } from './duplicates.ts';
import { labelProblems } from './label-checks.ts';
import { layer4Problems } from './layer-4-checks.ts';
import { isLoopback, overlaps } from './listen-address.ts';
import { nearest } from './nearest.ts';
import type { Finding } from './problem.ts';
import { rebalanceProblems } from './rebalance-checks.ts';
import type { Config, ListenerConfig, PoolConfig, RouteConfig } from './schema.ts';
import { tlsProblems, tlsWarnings } from './tls-checks.ts';

/**
 * What a configuration gets wrong although each of its values is right: names that nobody has, values that
 * contradict each other. `warnings` are lawful, yet rarely meant.
 */
export interface CrossChecks {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export function crossCheck(config: Config): CrossChecks {
  const { listeners, pools } = config;
  const problems = [
    ...duplicates(
      pools,
      ({ name }) => name,
      (index) => ['pools', index, 'name'],
    ),
    ...duplicates(
      listeners,
      ({ name }) => name,
      (index) => ['listeners', index, 'name'],
    ),
    ...pools.flatMap(poolProblems),
    ...listeners.flatMap((listener, index) => routeProblems(listener, index, pools)),
    ...tlsProblems(config),
    ...layer4Problems(config),
    ...addressConflicts(config),
    ...secretProblems(config),
    ...workerProblems(config),
    ...adminProblems(config),
  ];
  return {
    problems,
    warnings: [
      ...pools.flatMap(poolWarnings),
      ...tlsWarnings(config),
      ...usageWarnings(config),
      ...cookieCollisions(config),
    ],
  };
}

const at = (path: ConfigPath, message: string, suggestion?: string): Finding => ({
  path,
  about: 'value',
  message,
  ...(suggestion !== undefined && { suggestion }),
});

function poolProblems(pool: PoolConfig, poolIndex: number): readonly Finding[] {
  const { endpoints, affinity, balance } = pool;
  const listPath = ['pools', poolIndex, 'endpoints'];
  return [
    ...discoveryProblems(pool, poolIndex),
    ...duplicateEndpoints(endpoints, listPath),
    ...affinityProblems(pool, poolIndex),
    ...labelProblems(pool, poolIndex),
    ...rebalanceProblems(pool, poolIndex),
    ...incarnationProblems(pool, (index) => [...listPath, index, 'incarnation']),
    ...(balance.policy === 'least-sessions' && !pinsSessions(affinity)
      ? [at(['pools', poolIndex, 'balance'], NO_SESSIONS)]
      : []),
  ];
}

const incarnationProblems = (
  { endpoints, healthCheck }: PoolConfig,
  pathOf: (index: number) => ConfigPath,
): readonly Finding[] =>
  endpoints.flatMap(({ incarnation }, index) =>
    incarnation === undefined || healthCheck?.incarnation === undefined
      ? []
      : [at(pathOf(index), 'expected none beside healthCheck.incarnation, which finds it out, found one')],
  );

const NO_SESSIONS =
  'expected a policy that does without pinned sessions, of which a pool without affinity has none, found least-sessions';

function poolWarnings({ healthCheck }: PoolConfig, poolIndex: number): readonly Finding[] {
  if (healthCheck === undefined || healthCheck.timeout <= healthCheck.interval) return [];
  return [
    at(
      ['pools', poolIndex, 'healthCheck', 'timeout'],
      'expected at most the interval, found a longer time: probes overlap',
    ),
  ];
}

function routeProblems(
  { routes }: ListenerConfig,
  listenerIndex: number,
  pools: readonly PoolConfig[],
): readonly Finding[] {
  const names = pools.map(({ name }) => name);
  const unknown = routes.flatMap(({ pool }, index) =>
    names.includes(pool)
      ? []
      : [at(['listeners', listenerIndex, 'routes', index, 'pool'], unknownPool(pool), nearest(pool, names))],
  );
  const matches = duplicates(
    routes,
    ({ match }) => match.sni?.toLowerCase() ?? requestsOf(match),
    (index) => ['listeners', listenerIndex, 'routes', index, 'match'],
  );
  return [...unknown, ...matches];
}

const requestsOf = ({ host, path }: RouteConfig['match']): string =>
  `${host?.toLowerCase() ?? 'every host'} ${path.replace(/(?<=.)\/+$/, '')}`;

const unknownPool = (pool: string): string =>
  `expected the name of a pool, found ${JSON.stringify(pool)}, which no pool has`;

/** Two sockets on one port, where the system would refuse the second. */
function addressConflicts({ listeners, admin, telemetry }: Config): readonly Finding[] {
  const metrics = telemetry.metrics.listen;
  const sockets = listeners.map(({ listen, protocol }, index) => ({
    listen,
    isUdp: protocol === 'udp',
    path: ['listeners', index, 'listen'] as ConfigPath,
  }));
  if (admin !== undefined) sockets.push({ listen: admin.listen, isUdp: false, path: ['admin', 'listen'] });
  if (metrics !== undefined)
    sockets.push({ listen: metrics, isUdp: false, path: ['telemetry', 'metrics', 'listen'] });
  return sockets
    .filter(({ listen, isUdp }, index) =>
      sockets.slice(0, index).some((earlier) => earlier.isUdp === isUdp && overlaps(earlier.listen, listen)),
    )
    .map(({ listen, path }) =>
      at(path, `expected a port of its own, found ${listen.port} taken by another listener`),
    );
}

function secretProblems({ store, secrets, pools }: Config): readonly Finding[] {
  const isKeyed = pools.some(({ affinity }) => needsSecret(affinity));
  if (secrets.length > 0 || !isKeyed || store.url === 'memory:') return [];
  const message =
    'expected at least one secret, found none: cookies that other nodes and restarts must open, and keys that they must find, need a secret that stays the same';
  return [at(['secrets'], message)];
}

function workerProblems({ store, workers }: Config): readonly Finding[] {
  if (workers === undefined || store.url !== 'memory:') return [];
  const message =
    'expected beside a store that processes share, sqlite:FILE or Redis, found beside memory:, which each process has for itself';
  return [at(['workers'], message)];
}

function adminProblems({ admin }: Config): readonly Finding[] {
  if (admin === undefined || admin.token !== '' || isLoopback(admin.listen)) return [];
  return [at(['admin', 'token'], 'expected a token, because admin.listen is not on loopback, found none')];
}

function usageWarnings({ store, secrets, pools, listeners }: Config): readonly Finding[] {
  const routed = new Set(listeners.flatMap(({ routes }) => routes.map(({ pool }) => pool)));
  const unused = pools.flatMap(({ name }, index) =>
    routed.has(name) ? [] : [at(['pools', index, 'name'], 'expected a route to this pool, found none')],
  );
  const isKeyed = pools.some(({ affinity }) => needsSecret(affinity));
  if (!isKeyed || secrets.length > 0 || store.url !== 'memory:') return unused;
  return [
    ...unused,
    at(
      ['secrets'],
      'expected a secret, found none: a random one is made at start, and sessions end with the process',
    ),
  ];
}
