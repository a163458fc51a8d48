import type { ConfigPath } from './config-path.ts';
import { cookieCollisions } from './cookie-collisions.ts';
import { endpointAddress } from './fields.ts';
import { isLoopback, overlaps } from './listen-address.ts';
import { nearest } from './nearest.ts';
import type { Finding } from './problem.ts';
import type { Config, ListenerConfig, PoolConfig } from './schema.ts';
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
    ...addressConflicts(config),
    ...secretProblems(config),
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

/** Every item whose identity an earlier one has already. */
function duplicates<Item>(
  items: readonly Item[],
  identify: (item: Item) => string,
  pathOf: (index: number) => ConfigPath,
): readonly Finding[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const identity = identify(item);
    if (!seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    return [at(pathOf(index), `expected to be unique, found ${identity} a second time`)];
  });
}

function poolProblems({ endpoints, affinity }: PoolConfig, poolIndex: number): readonly Finding[] {
  const pathOf = (key: string) => (index: number) => ['pools', poolIndex, 'endpoints', index, key];
  const ids = duplicates(endpoints, ({ id }) => id, pathOf('id'));
  const addresses = duplicates(endpoints, ({ url }) => endpointAddress(url), pathOf('url'));
  const twice = new Set(addresses.map(({ path }) => path[3]));
  const insecureNone =
    affinity.type === 'cookie' && affinity.cookie.sameSite === 'None' && affinity.cookie.secure === 'never';
  return [
    // Two endpoints of one address that take their ids from it are one mistake, not two.
    ...ids.filter(({ path }) => !twice.has(path[3])),
    ...addresses,
    ...(insecureNone ? [at(['pools', poolIndex, 'affinity', 'cookie', 'secure'], INSECURE_NONE)] : []),
  ];
}

const INSECURE_NONE =
  'expected auto or always beside sameSite: None, which browsers refuse without Secure, found never';

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
    ({ match }) => `${match.host?.toLowerCase() ?? 'every host'} ${match.path.replace(/(?<=.)\/+$/, '')}`,
    (index) => ['listeners', listenerIndex, 'routes', index, 'match'],
  );
  return [...unknown, ...matches];
}

const unknownPool = (pool: string): string =>
  `expected the name of a pool, found ${JSON.stringify(pool)}, which no pool has`;

/** Two sockets on one port, where the system would refuse the second. */
function addressConflicts({ listeners, admin }: Config): readonly Finding[] {
  const sockets = listeners.map(({ listen }, index) => ({
    listen,
    path: ['listeners', index, 'listen'] as ConfigPath,
  }));
  if (admin !== undefined) sockets.push({ listen: admin.listen, path: ['admin', 'listen'] });
  return sockets
    .filter(({ listen }, index) =>
      sockets.slice(0, index).some((earlier) => overlaps(earlier.listen, listen)),
    )
    .map(({ listen, path }) =>
      at(path, `expected a port of its own, found ${listen.port} taken by another listener`),
    );
}

function secretProblems({ store, secrets, pools }: Config): readonly Finding[] {
  const isSealing = pools.some(({ affinity }) => affinity.type === 'cookie');
  if (secrets.length > 0 || !isSealing || store.url === 'memory:') return [];
  const message =
    'expected at least one secret, found none: cookies that other nodes and restarts must open need a secret that stays the same';
  return [at(['secrets'], message)];
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
  const isSealing = pools.some(({ affinity }) => affinity.type === 'cookie');
  if (!isSealing || secrets.length > 0 || store.url !== 'memory:') return unused;
  return [
    ...unused,
    at(
      ['secrets'],
      'expected a secret, found none: a random one is made at start, and sessions end with the process',
    ),
  ];
}
