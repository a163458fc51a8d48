import type { ConfigPath } from './config-path.ts';
import { type EndpointKind, endpointKind } from './fields.ts';
import { poolKind, SCHEMES } from './pool-kind.ts';
import type { Finding } from './problem.ts';
import type { Config, ListenerConfig, PoolConfig } from './schema.ts';

/** What listeners and pools get wrong about what they carry: requests, connections or datagrams. */
export const layer4Problems = ({ listeners, pools, workers }: Config): readonly Finding[] => [
  ...pools.flatMap(poolProblems),
  ...listeners.flatMap((listener, index) => [
    ...listenerProblems(listener, index),
    ...routeProblems(listener, index, pools),
    ...(workers !== undefined && listener.protocol === 'udp'
      ? [at(['listeners', index, 'protocol'], DATAGRAMS_OF_WORKERS)]
      : []),
  ]),
];

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });

const DATAGRAMS_OF_WORKERS =
  'expected no udp listener beside workers, because the datagrams of a flow would come to any of them, found one';

function poolProblems(pool: PoolConfig, poolIndex: number): readonly Finding[] {
  const { endpoints, affinity, healthCheck, proxyProtocol } = pool;
  const kind = poolKind(pool);
  const mixed = endpoints.flatMap(({ url }, index) =>
    endpointKind(url) === kind
      ? []
      : [
          at(
            ['pools', poolIndex, 'endpoints', index, 'url'],
            `expected ${SCHEMES[kind]} as the first, found ${url}`,
          ),
        ],
  );
  const unheard = affinity.sources.filter(({ type }) => kind !== 'http' && type !== 'source-ip');
  return [
    ...mixed,
    ...unheard.map(({ type }) =>
      at(
        ['pools', poolIndex, 'affinity'],
        `expected source-ip or none, because nothing else is known of a ${kind} client, found ${type}`,
      ),
    ),
    ...(proxyProtocol !== undefined && kind !== 'tcp'
      ? [
          at(
            ['pools', poolIndex, 'proxyProtocol'],
            `expected only where endpoints are tcp://, found it beside ${SCHEMES[kind]}`,
          ),
        ]
      : []),
    ...checkProblems(healthCheck, kind).map(([key, message]) =>
      at(['pools', poolIndex, 'healthCheck', key], message),
    ),
  ];
}

function checkProblems(
  check: PoolConfig['healthCheck'],
  kind: EndpointKind,
): readonly (readonly [key: string, message: string])[] {
  if (check === undefined) return [];
  const { send, expect, incarnation } = check;
  if (kind !== 'http' && incarnation !== undefined)
    return [['incarnation', `expected only where endpoints are http, found it beside ${kind}`]];
  if (kind === 'http' && (send ?? expect) !== undefined)
    return [
      [
        send === undefined ? 'expect' : 'send',
        'expected only where endpoints are tcp:// or udp://, found it beside http',
      ],
    ];
  if (kind === 'udp' && send === undefined)
    return [
      [
        'send',
        'expected what a udp endpoint answers to, because only an answer tells that it serves, found none',
      ],
    ];
  return [];
}

function listenerProblems(
  { protocol, routes, server, proxyProtocol }: ListenerConfig,
  index: number,
): readonly Finding[] {
  const path = (routeIndex: number, key: string): ConfigPath => [
    'listeners',
    index,
    'routes',
    routeIndex,
    'match',
    key,
  ];
  const isHttp = protocol === 'http' || protocol === 'https';
  const unknown = routes.flatMap(({ match }, routeIndex) => [
    ...(!isHttp && match.host !== undefined ? [at(path(routeIndex, 'host'), ofRequests(protocol))] : []),
    ...(!isHttp && match.path !== '/' ? [at(path(routeIndex, 'path'), ofRequests(protocol))] : []),
    ...(protocol !== 'tcp' && match.sni !== undefined ? [at(path(routeIndex, 'sni'), OF_PASSTHROUGH)] : []),
  ]);
  return [
    ...unknown,
    ...(protocol === 'udp' && proxyProtocol
      ? [
          at(
            ['listeners', index, 'proxyProtocol'],
            'expected only where there are connections, found it beside udp',
          ),
        ]
      : []),
    ...(!isHttp && server === 'node'
      ? [at(['listeners', index, 'server'], `expected none beside ${protocol}, found node`)]
      : []),
  ];
}

const ofRequests = (protocol: string): string =>
  `expected only where the protocol is http or https, found it beside ${protocol}`;

const OF_PASSTHROUGH = 'expected only where the protocol is tcp, found it beside another';

function routeProblems(
  { protocol, routes }: ListenerConfig,
  listenerIndex: number,
  pools: readonly PoolConfig[],
): readonly Finding[] {
  const carried: EndpointKind = protocol === 'https' ? 'http' : protocol;
  return routes.flatMap(({ pool: name }, index) => {
    const pool = pools.find((candidate) => candidate.name === name);
    if (pool === undefined || poolKind(pool) === carried) return [];
    const message = `expected a pool with ${SCHEMES[carried]} endpoints, found ${JSON.stringify(name)} with ${SCHEMES[poolKind(pool)]}`;
    return [at(['listeners', listenerIndex, 'routes', index, 'pool'], message)];
  });
}
