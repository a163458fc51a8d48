import type { ConfigPath } from './config-path.ts';
import type { Finding } from './problem.ts';
import type { Config, EndpointTlsConfig, ListenerConfig, PoolConfig } from './schema.ts';

/** What settings of TLS and of the PROXY protocol get wrong about each other, or about what stands beside them. */
export const tlsProblems = ({ store, listeners, pools }: Config): readonly Finding[] => [
  ...pairProblems(store.tls, ['store', 'tls']),
  ...listeners.flatMap(listenerProblems),
  ...pools.flatMap(({ tls }, index) => pairProblems(tls, ['pools', index, 'tls'])),
];

/** What is lawful there, yet rarely meant. */
export const tlsWarnings = ({ store, pools }: Config): readonly Finding[] => [
  ...storeWarnings(store),
  ...pools.flatMap(poolWarnings),
];

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });

function listenerProblems(listener: ListenerConfig, index: number): readonly Finding[] {
  const { protocol, tls, proxyProtocol, trustedProxies } = listener;
  const isTls = protocol === 'https';
  return [
    ...(isTls && tls === undefined ? [at(['listeners', index, 'tls'], NO_CERTIFICATES)] : []),
    ...(!isTls && tls !== undefined ? [at(['listeners', index, 'tls'], UNUSED_CERTIFICATES)] : []),
    ...(proxyProtocol && trustedProxies.length === 0
      ? [at(['listeners', index, 'trustedProxies'], NOBODY_TRUSTED)]
      : []),
    ...repeatedHosts(listener, index),
  ];
}

const NO_CERTIFICATES = 'expected certificates, because the protocol is https, found none';
const UNUSED_CERTIFICATES = 'expected only where the protocol is https, found it beside http';
const NOBODY_TRUSTED =
  'expected the addresses of the proxies, because proxyProtocol is on and all others are turned away, found none';

/** Names that two certificates of a listener are to be chosen by. */
function repeatedHosts({ tls }: ListenerConfig, listenerIndex: number): readonly Finding[] {
  const seen = new Set<string>();
  const named = (tls?.certificates ?? []).flatMap(({ hosts = [] }, index) =>
    hosts.map((host, hostIndex) => ({ host, path: [index, 'hosts', hostIndex] })),
  );
  return named.flatMap(({ host, path }) => {
    const isNew = !seen.has(host.toLowerCase());
    seen.add(host.toLowerCase());
    const found = `expected to be unique, found ${host} a second time`;
    return isNew ? [] : [at(['listeners', listenerIndex, 'tls', 'certificates', ...path], found)];
  });
}

function pairProblems(tls: EndpointTlsConfig | undefined, path: ConfigPath): readonly Finding[] {
  if (tls === undefined || (tls.cert === undefined) === (tls.key === undefined)) return [];
  const [missing, present] = tls.cert === undefined ? ['cert', 'key'] : ['key', 'cert'];
  return [at([...path, missing], `expected a file beside ${present}, found none`)];
}

function storeWarnings({ url, tls }: Config['store']): readonly Finding[] {
  if (tls === undefined) return [];
  return [
    ...(url.startsWith('rediss') ? [] : [at(['store', 'tls'], NO_TLS_STORE)]),
    ...(tls.verify ? [] : [at(['store', 'tls', 'verify'], UNVERIFIED_STORE)]),
  ];
}

const NO_TLS_STORE = 'expected a rediss URL beside it, found one without TLS';
const UNVERIFIED_STORE =
  'expected true, found false: whoever is on the way to Redis can read and change what passes';

function poolWarnings({ tls, endpoints, discovery }: PoolConfig, index: number): readonly Finding[] {
  if (tls === undefined) return [];
  const isUsed =
    endpoints.some(({ url }) => url.toLowerCase().startsWith('https:')) ||
    discovery?.scheme === 'https' ||
    discovery?.type === 'file';
  return [
    ...(isUsed ? [] : [at(['pools', index, 'tls'], 'expected an https:// endpoint in the pool, found none')]),
    ...(tls.verify ? [] : [at(['pools', index, 'tls', 'verify'], UNVERIFIED)]),
  ];
}

const UNVERIFIED =
  'expected true, found false: whoever is on the way to the endpoints can read and change what passes';
