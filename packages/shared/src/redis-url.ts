/** Where one Redis, or one Sentinel, accepts connections. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Who logs in. Without a user, it is the default one. */
export interface RedisLogin {
  readonly user?: string;
  readonly password: string;
}

/** Where the session map is in Redis, and how to get there. */
export type RedisPlace =
  /** One process, or what stands for it under one address. */
  | (RedisAccess & { readonly kind: 'standalone'; readonly address: RedisAddress; readonly database: number })
  /** A primary that Sentinels know by its name. */
  | (RedisAccess & {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisAddress[];
      readonly primary: string;
      readonly sentinelLogin?: RedisLogin;
      readonly database: number;
    })
  /** Redis Cluster, of which some nodes are known beforehand. */
  | (RedisAccess & { readonly kind: 'cluster'; readonly seeds: readonly RedisAddress[] });

interface RedisAccess {
  readonly isTls: boolean;
  readonly login?: RedisLogin;
}

const URL_OF_REDIS =
  /^redis(?<tls>s)?(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<userInfo>[^/?#]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;
const ADDRESS = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9._-]+))(?::(?<port>\d{1,5}))?$/i;
const DATABASE = /^(?:0|[1-9]\d{0,3})$/;
const PRIMARY_NAME = /^[A-Za-z0-9._-]{1,128}$/;

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;

/** What {@link parseRedisUrl} reads, for messages. */
export const A_REDIS_URL =
  'redis://HOST:PORT, redis+sentinel://HOST:PORT,HOST:PORT/PRIMARY or redis+cluster://HOST:PORT,HOST:PORT, with rediss in place of redis for TLS';

/**
 * Reads the URL of a Redis; undefined where it is none.
 *
 * `redis://[user:password@]host[:port][/database]`,
 * `redis+sentinel://[user:password@]host[:port],.../primary[/database][?sentinelUser=...&sentinelPassword=...]` and
 * `redis+cluster://[user:password@]host[:port],...`; with `rediss` in place of `redis` all connections are of TLS. User
 * and password are percent-encoded. Ports default to 6379, those of Sentinels to 26379, the database to 0.
 */
export function parseRedisUrl(text: string): RedisPlace | undefined {
  const parts = URL_OF_REDIS.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { tls, kind, userInfo, hosts = '', path = '', query } = parts;
  const addresses = parseAddresses(hosts, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT);
  const login = userInfo === undefined ? undefined : parseLogin(userInfo);
  if (addresses === undefined || login === null) return undefined;
  const access = { isTls: tls !== undefined, ...(login !== undefined && { login }) };
  if (kind === 'sentinel') return sentinelPlace(access, addresses, path, query);
  if (query !== undefined) return undefined;
  if (kind === 'cluster') return path === '' ? { kind, ...access, seeds: addresses } : undefined;
  const [address, ...more] = addresses;
  const database = parseDatabase(path);
  if (address === undefined || more.length > 0 || database === undefined) return undefined;
  return { kind: 'standalone', ...access, address, database };
}

function sentinelPlace(
  access: RedisAccess,
  sentinels: readonly RedisAddress[],
  path: string,
  query: string | undefined,
): RedisPlace | undefined {
  const [primary = '', databaseText = '', ...more] = path.split('/');
  const database = parseDatabase(databaseText);
  const sentinelLogin = parseSentinelLogin(query);
  const isComplete = PRIMARY_NAME.test(primary) && database !== undefined && more.length === 0;
  if (!isComplete || sentinelLogin === null) return undefined;
  return {
    kind: 'sentinel',
    ...access,
    sentinels,
    primary,
    database,
    ...(sentinelLogin !== undefined && { sentinelLogin }),
  };
}

function parseAddresses(text: string, defaultPort: number): readonly RedisAddress[] | undefined {
  const addresses: RedisAddress[] = [];
  for (const one of text.split(',')) {
    const { v6, name, port: portText = defaultPort } = ADDRESS.exec(one)?.groups ?? {};
    const host = v6 ?? name;
    const port = Number(portText);
    if (host === undefined || port < 1 || port > 65_535) return undefined;
    addresses.push({ host, port });
  }
  return addresses;
}

const parseDatabase = (text: string): number | undefined =>
  text === '' ? 0 : DATABASE.test(text) ? Number(text) : undefined;

/** Reads `user:password`, `:password` or a bare `user`, which has the empty password. Null where it cannot be read. */
function parseLogin(userInfo: string): RedisLogin | undefined | null {
  const colon = userInfo.indexOf(':');
  const user = decode(colon === -1 ? userInfo : userInfo.slice(0, colon));
  const password = decode(colon === -1 ? '' : userInfo.slice(colon + 1));
  if (user === undefined || password === undefined) return null;
  if (user === '' && password === '') return undefined;
  return user === '' ? { password } : { user, password };
}

function parseSentinelLogin(query: string | undefined): RedisLogin | undefined | null {
  if (query === undefined) return undefined;
  // Elsewhere in a URL a plus is a plus, and nobody expects that only this password has it as a space.
  const parameters = new URLSearchParams(query.replaceAll('+', '%2B'));
  const password = parameters.get('sentinelPassword');
  const user = parameters.get('sentinelUser');
  const known = [user, password].filter((value) => value !== null).length;
  if (password === null || known !== parameters.size) return null;
  return user === null ? { password } : { user, password };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
