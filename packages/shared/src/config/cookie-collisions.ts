import { sourcePath } from './affinity-checks.ts';
import type { Finding } from './problem.ts';
import type {
  AffinitySourceConfig,
  Config,
  ListenerConfig,
  PoolConfig,
  RouteConfig,
  SourceConfigOf,
} from './schema.ts';

/** A route whose pool keeps its sessions in a cookie. */
interface CookieRoute {
  readonly match: RouteConfig['match'];
  readonly pool: PoolConfig;
  readonly source: SourceConfigOf<'cookie'>;
}

/**
 * Pools that share the name of their cookie where a browser would send it to both: each reads the other's cookie
 * as none of its own and replaces it, so that a client who visits both in turn loses its session at every change.
 */
export function cookieCollisions({ listeners, pools }: Config): readonly Finding[] {
  const routesByListener = listeners.map((listener) => cookieRoutes(listener, pools));
  return pools.flatMap((pool, index) => {
    const earlier = pools.slice(0, index);
    const other = earlier.find((candidate) =>
      routesByListener.some((routes) => meet(routes, pool, candidate)),
    );
    return other === undefined ? [] : [collision(pool, index, other.name)];
  });
}

const collision = (pool: PoolConfig, poolIndex: number, other: string): Finding => ({
  path: [...sourcePath(pool, poolIndex, pool.affinity.sources.findIndex(isSealedCookie)), 'name'],
  about: 'value',
  message: `expected another cookie name than pool ${other} has, found the same: browsers send each pool the other's cookie`,
});

const cookieRoutes = ({ routes }: ListenerConfig, pools: readonly PoolConfig[]): readonly CookieRoute[] =>
  routes.flatMap(({ match, pool: name }) => {
    const pool = pools.find((candidate) => candidate.name === name);
    const source = pool?.affinity.sources.find(isSealedCookie);
    return pool === undefined || source === undefined ? [] : [{ match, pool, source }];
  });

const isSealedCookie = (source: AffinitySourceConfig): source is SourceConfigOf<'cookie'> =>
  source.type === 'cookie';

const meet = (routes: readonly CookieRoute[], a: PoolConfig, b: PoolConfig): boolean =>
  routes.some((one) => one.pool === a && routes.some((other) => other.pool === b && collide(one, other)));

const collide = (a: CookieRoute, b: CookieRoute): boolean =>
  a.source.name === b.source.name &&
  pathsOverlap(a.source.cookie.path, b.source.cookie.path) &&
  hostsOverlap(a, b);

/** Whether some request lies below both paths (RFC 6265, section 5.1.4). */
const pathsOverlap = (a: string, b: string): boolean => isBelow(a, b) || isBelow(b, a);

const isBelow = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);

/** A cookie with a domain reaches hosts that no route names, so it is taken to reach all. */
function hostsOverlap(a: CookieRoute, b: CookieRoute): boolean {
  if (a.source.cookie.domain !== undefined || b.source.cookie.domain !== undefined) return true;
  return (
    a.match.host === undefined ||
    b.match.host === undefined ||
    covers(a.match.host, b.match.host) ||
    covers(b.match.host, a.match.host)
  );
}

function covers(pattern: string, host: string): boolean {
  const [wide, narrow] = [pattern.toLowerCase(), host.toLowerCase()];
  return wide === narrow || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)));
}
