import { isDeepStrictEqual } from 'node:util';
import { nginxTimeMs } from '@holdfast/shared/profiles';
import type { Draft, Place, WrittenHealthCheck, WrittenPool } from '../draft.ts';
import { RANGE_MS } from '../ranges.ts';
import { lastOf, type NginxDirective, optionOf } from './nginx-directives.ts';
import { noteLeft } from './nginx-hints.ts';
import { endpointUrlOf, SCHEMES } from './nginx-upstream.ts';

/** A path prefix of a server, and the name of the pool that serves it. */
export interface RoutedPath {
  readonly place: Place;
  readonly path: string;
  readonly pool: string;
}

/** What may stand around locations as well and holds for them. */
export const LOCATION_SETTINGS = [
  'proxy_connect_timeout',
  'proxy_read_timeout',
  'grpc_connect_timeout',
  'grpc_read_timeout',
  'proxy_set_header',
  'proxy_ssl_verify',
  'proxy_ssl_name',
  'proxy_ssl_server_name',
  'proxy_ssl_trusted_certificate',
  'health_check',
] as const;

const KNOWN: ReadonlySet<string> = new Set(['proxy_pass', 'grpc_pass', 'location', ...LOCATION_SETTINGS]);

type Scopes = readonly (readonly NginxDirective[])[];

/** A `location` and those within it. */
export function importLocation(draft: Draft, location: NginxDirective, outer: Scopes): readonly RoutedPath[] {
  const block = location.block ?? [];
  const scopes = [...outer, block];
  const path = pathOf(draft, location);
  const pass = block.find(({ name }) => name === 'proxy_pass' || name === 'grpc_pass');
  const pool = path === undefined || pass === undefined ? undefined : poolOf(draft, pass);
  if (path !== undefined && pass === undefined && !block.some(({ name }) => name === 'location')) {
    draft.note(location, 'left out: it passes nothing on');
  }
  if (pool !== undefined) importPoolSettings(draft, location, pool, scopes);
  for (const directive of block) {
    if (!KNOWN.has(directive.name)) noteLeft(draft, directive);
    else if (directive.name === 'proxy_set_header') noteHeader(draft, directive);
  }
  const inner = block
    .filter(({ name }) => name === 'location')
    .flatMap((nested) => importLocation(draft, nested, scopes));
  return path === undefined || pool === undefined
    ? inner
    : [{ place: location, path, pool: pool.name }, ...inner];
}

function pathOf(draft: Draft, location: NginxDirective): string | undefined {
  const [first = '', second] = location.args;
  const [modifier, path] = second === undefined ? ['', first] : [first, second];
  if (modifier.startsWith('~') || !path.startsWith('/')) {
    draft.note(location, `left out: ${location.args.join(' ')} is no path prefix`);
    return undefined;
  }
  if (modifier === '=') draft.note(location, `taken as the prefix ${path}, with all that is below it`);
  return path;
}

function poolOf(draft: Draft, pass: NginxDirective): WrittenPool | undefined {
  const [, scheme = '', key = '', uri = ''] = /^([a-z]+):\/\/([^/$]+)(.*)$/.exec(pass.args[0] ?? '') ?? [];
  const ours = SCHEMES[scheme];
  if (ours === undefined || uri.includes('$')) {
    draft.note(pass, `left out: ${pass.args[0] ?? ''} names no upstream or address of http, https or grpc`);
    return undefined;
  }
  if (uri !== '')
    draft.note(pass, `paths are passed on as they are: "${uri}" does not take the place of the prefix`);
  const known = draft.poolOf(key);
  if (known !== undefined) return known;
  const url = endpointUrlOf(/:\d+$/.test(key) || ours === 'http' ? key : `${key}:443`, ours);
  const pool = draft.addPool(pass, key);
  if (url !== undefined) pool.endpoints.push(draft.from(pass, { url }));
  return pool;
}

/** In Holdfast these belong to the pool. Where locations differ about one, the first counts. */
function importPoolSettings(draft: Draft, location: NginxDirective, pool: WrittenPool, scopes: Scopes): void {
  const settings = {
    ...timeoutsOf(draft, scopes),
    ...tlsOf(draft, pool, scopes),
    ...healthCheckOf(draft, scopes),
  };
  for (const [key, value] of Object.entries(settings)) {
    const said: unknown = Reflect.get(pool, key);
    const merged = key === 'timeouts' ? { ...value, ...(said ?? {}) } : (said ?? value);
    Object.assign(pool, { [key]: merged });
    if (!isDeepStrictEqual({ ...merged, ...value }, merged)) {
      draft.note(
        location,
        `its ${key} differ from those of an earlier location of pool ${pool.name}, which count`,
      );
    }
  }
}

function timeoutsOf(draft: Draft, scopes: Scopes): Pick<WrittenPool, 'timeouts'> {
  const timeout = (name: string): string | undefined => {
    const directive = lastOf(scopes, `proxy_${name}`) ?? lastOf(scopes, `grpc_${name}`);
    const durationMs = nginxTimeMs(directive?.args[0] ?? '');
    if (directive === undefined || durationMs === undefined) return undefined;
    return draft.duration(directive, durationMs, RANGE_MS.upstream);
  };
  const [connect, read] = [timeout('connect_timeout'), timeout('read_timeout')];
  if (connect === undefined && read === undefined) return {};
  return {
    timeouts: {
      ...(connect !== undefined && { connect }),
      ...(read !== undefined && { response: read, idle: read }),
    },
  };
}

/** nginx verifies no endpoint unless it is told to; Holdfast does. */
function tlsOf(draft: Draft, pool: WrittenPool, scopes: Scopes): Pick<WrittenPool, 'tls'> {
  if (!pool.endpoints.some(({ url }) => url.startsWith('https:'))) return {};
  const ca = lastOf(scopes, 'proxy_ssl_trusted_certificate')?.args[0];
  const serverName = lastOf(scopes, 'proxy_ssl_name')?.args[0];
  const isVerified = lastOf(scopes, 'proxy_ssl_verify')?.args[0] === 'on';
  if (!isVerified)
    draft.remark(pool, 'nginx did not verify these endpoints, Holdfast does: see tls.ca and tls.serverName.');
  if (ca === undefined && serverName === undefined) return {};
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(serverName !== undefined && !serverName.includes('$') && { serverName }),
    },
  };
}

function healthCheckOf(draft: Draft, scopes: Scopes): Pick<WrittenPool, 'healthCheck'> {
  const directive = lastOf(scopes, 'health_check');
  if (directive === undefined) return {};
  const path = optionOf(directive, 'uri') ?? '/';
  const intervalMs = nginxTimeMs(optionOf(directive, 'interval') ?? '5s') ?? 5_000;
  const count = (name: string): number =>
    draft.count(directive, Number(optionOf(directive, name) ?? 1), [1, 100]);
  const healthCheck: WrittenHealthCheck = {
    path,
    interval: draft.duration(directive, intervalMs, RANGE_MS.probeInterval),
    healthyAfter: count('passes'),
    unhealthyAfter: count('fails'),
  };
  for (const option of directive.args) {
    if (!/^(?:uri|interval|passes|fails)=/.test(option)) draft.note(directive, `${option} has no equivalent`);
  }
  return { healthCheck: draft.from(directive, healthCheck) };
}

const OWN_HEADER = /^(?:host|connection|upgrade|x-real-ip|x-forwarded-(?:for|proto|host|port)|forwarded)$/i;

function noteHeader(draft: Draft, directive: NginxDirective): void {
  const [header = ''] = directive.args;
  draft.note(
    directive,
    OWN_HEADER.test(header)
      ? `not needed: Host and upgrades are passed on, and X-Forwarded-* and Forwarded are set${/^x-real-ip$/i.test(header) ? '; X-Real-IP is not' : ''}`
      : `${header} is not set: a middleware can do it (docs/guides/middleware.md)`,
  );
}
