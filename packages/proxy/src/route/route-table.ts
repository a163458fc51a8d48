import type { RouteConfig } from '@holdfast/shared/config';

/** What a request was matched to. */
export interface Route<Target> {
  /** How the route is called in logs: its host, if it names one, and its path prefix. */
  readonly name: string;
  readonly target: Target;
}

interface Entry<Target> extends Route<Target> {
  /** The path prefix without a slash at its end; empty: every path. */
  readonly prefix: string;
}

/** Routes of one host pattern, the longest prefix first. */
type HostRoutes<Target> = readonly Entry<Target>[];

/** What can be written in more than one way: dot segments, their separators, and encoded characters. */
const NEEDS_NORMALIZING = /[\\%]|\/\./;
const ENCODED_UNRESERVED = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi;

/**
 * The routes of a listener. The most specific one wins: a named host before `*.name` (the longer first) before any host,
 * then the longest path prefix. The order in the file does not matter.
 */
export class RouteTable<Target> {
  readonly #exact = new Map<string, HostRoutes<Target>>();
  /** By what follows the asterisk, dot included; the longest first. */
  readonly #wildcards: readonly (readonly [string, HostRoutes<Target>])[];
  readonly #anyHost: HostRoutes<Target>;
  readonly #hasHosts: boolean;
  readonly #hasPrefixes: boolean;

  constructor(routes: readonly RouteConfig[], targetOf: (route: RouteConfig) => Target) {
    const byHost = Map.groupBy(routes, ({ match }) => match.host?.toLowerCase() ?? '');
    const wildcards: [string, HostRoutes<Target>][] = [];
    for (const [host, group] of byHost) {
      const entries = entriesOf(group, targetOf);
      if (host.startsWith('*.')) wildcards.push([host.slice(1), entries]);
      else if (host !== '') this.#exact.set(host, entries);
    }
    this.#wildcards = wildcards.sort(([a], [b]) => b.length - a.length);
    this.#anyHost = entriesOf(byHost.get('') ?? [], targetOf);
    this.#hasHosts = this.#exact.size > 0 || wildcards.length > 0;
    this.#hasPrefixes = routes.some(({ match }) => match.path !== '/');
  }

  /**
   * @param authority the request's host, with its port if it has one; in any case
   * @param path the path of the request, without query; it is compared as an endpoint would read it
   */
  find(authority: string, path: string): Route<Target> | undefined {
    const read = this.#hasPrefixes && NEEDS_NORMALIZING.test(path) ? normalized(path) : path;
    if (!this.#hasHosts) return longestPrefix(this.#anyHost, read);
    const host = hostName(authority);
    const exact = this.#exact.get(host);
    const named = exact && longestPrefix(exact, read);
    return named ?? this.#findWildcard(host, read) ?? longestPrefix(this.#anyHost, read);
  }

  #findWildcard(host: string, path: string): Route<Target> | undefined {
    for (const [suffix, entries] of this.#wildcards) {
      if (host.length <= suffix.length || !host.endsWith(suffix)) continue;
      const route = longestPrefix(entries, path);
      if (route !== undefined) return route;
    }
    return undefined;
  }
}

const entriesOf = <Target>(
  routes: readonly RouteConfig[],
  targetOf: (route: RouteConfig) => Target,
): HostRoutes<Target> =>
  routes
    .map((route) => ({
      prefix: route.match.path.replace(/\/+$/, ''),
      name: `${route.match.host ?? ''}${route.match.path}`,
      target: targetOf(route),
    }))
    .sort((a, b) => b.prefix.length - a.prefix.length);

/** Prefixes are whole segments: /api matches /api and /api/x, not /apis. */
function longestPrefix<Target>(entries: HostRoutes<Target>, path: string): Route<Target> | undefined {
  for (const entry of entries) {
    const { prefix } = entry;
    const isWhole = path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f;
    if (prefix === '' || (isWhole && path.startsWith(prefix))) return entry;
  }
  return undefined;
}

/**
 * The path with letters, digits, "-", ".", "_" and "~" decoded and dot segments resolved (RFC 3986 section 6.2.2).
 * Backslashes count as slashes, and several at the start as one.
 */
function normalized(path: string): string {
  const decoded = path.replaceAll(ENCODED_UNRESERVED, (encoded) => decodeURIComponent(encoded));
  // Behind a host of ours: a URL that began with two separators of any kind would take what follows for its host.
  return new URL(`http://localhost/${decoded.replace(/^[/\\]+/, '')}`).pathname;
}

function hostName(authority: string): string {
  const portStart = authority.lastIndexOf(':');
  const hasPort = portStart !== -1 && !authority.endsWith(']');
  return (hasPort ? authority.slice(0, portStart) : authority).toLowerCase();
}
