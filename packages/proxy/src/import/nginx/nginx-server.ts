import { nginxBytes, nginxTimeMs } from '@holdfast/shared/profiles';
import type { Draft, WrittenListener, WrittenRoute } from '../draft.ts';
import { RANGE_MS } from '../ranges.ts';
import { lastOf, type NginxDirective } from './nginx-directives.ts';
import { noteLeft } from './nginx-hints.ts';
import { hostsOf } from './nginx-hosts.ts';
import { type ListenerBook, listensOf } from './nginx-listen.ts';
import { importLocation, LOCATION_SETTINGS, type RoutedPath } from './nginx-location.ts';

export type Scopes = readonly (readonly NginxDirective[])[];

/** A `server` block of `http`: routes of its names and paths on each address where it listens. */
export function importServer(draft: Draft, server: NginxDirective, outer: Scopes, book: ListenerBook): void {
  const block = server.block ?? [];
  const scopes = [...outer, block];
  const paths = block
    .filter(({ name }) => name === 'location')
    .flatMap((location) => importLocation(draft, location, scopes));
  const hosts = hostsOf(draft, block);
  for (const listen of listensOf(draft, server)) {
    const isTls = listen.isTls || lastOf([block], 'ssl')?.args[0] === 'on';
    const { listener, isNew } = book.at(listen, isTls ? 'https' : 'http');
    importListenerSettings(draft, listener, scopes);
    if (isTls) addCertificates(draft, listener, scopes);
    if (listen.hasProxyHeader) listener.proxyProtocol = true;
    const isDefault = isNew || listen.isDefault;
    addRoutes(draft, listener, paths, hosts, isDefault);
  }
  for (const directive of block) if (!KNOWN.has(directive.name)) noteLeft(draft, directive);
}

/** What this file, or {@link importLocation}, has a meaning for. */
const KNOWN: ReadonlySet<string> = new Set([
  'listen',
  'location',
  'server_name',
  'ssl',
  'ssl_certificate',
  'ssl_certificate_key',
  'ssl_protocols',
  'set_real_ip_from',
  'client_max_body_size',
  'client_header_timeout',
  'client_body_timeout',
  'send_timeout',
  'keepalive_timeout',
  ...LOCATION_SETTINGS,
]);

/** Whether a directive that stands around servers holds for them. */
export const isInheritedByServers = (name: string): boolean =>
  KNOWN.has(name) && name !== 'listen' && name !== 'location';

/** nginx gives hosts that no server names to the first one of the address, or the one marked as default. */
function addRoutes(
  draft: Draft,
  listener: WrittenListener,
  paths: readonly RoutedPath[],
  hosts: readonly string[],
  isDefault: boolean,
): void {
  const routes = listener.routes ?? [];
  for (const { place, path, pool } of paths) {
    const add = (host: string | undefined): void => {
      const match = { ...(host !== undefined && { host }), ...(path !== '/' && { path }) };
      const route: WrittenRoute = { ...(Object.keys(match).length > 0 && { match }), pool };
      routes.push(draft.from(place, route));
    };
    for (const host of hosts) add(host);
    if (isDefault || hosts.length === 0) add(undefined);
  }
  listener.routes = routes;
}

function addCertificates(draft: Draft, listener: WrittenListener, scopes: Scopes): void {
  const certificate = lastOf(scopes, 'ssl_certificate');
  const [cert, key] = [certificate?.args[0], lastOf(scopes, 'ssl_certificate_key')?.args[0]];
  if (certificate === undefined || cert === undefined || key === undefined) return;
  const known = listener.tls?.certificates ?? [];
  const isNew = !known.some((other) => other.cert === cert);
  const protocols = lastOf(scopes, 'ssl_protocols');
  const isModern = protocols?.args.length === 1 && protocols.args[0] === 'TLSv1.3';
  listener.protocol = 'https';
  listener.tls = {
    certificates: isNew ? [...known, draft.from(certificate, { cert, key })] : known,
    ...(isModern && { minVersion: 'TLSv1.3' }),
  };
  if (protocols?.args.some((version) => /^(?:SSLv\d|TLSv1|TLSv1\.1)$/.test(version)) === true) {
    draft.note(protocols, 'versions before TLSv1.2 are not spoken');
  }
}

function importListenerSettings(draft: Draft, listener: WrittenListener, scopes: Scopes): void {
  const timeouts = LISTENER_TIMEOUTS.flatMap(([directiveName, key, range]) => {
    const directive = lastOf(scopes, directiveName);
    const durationMs = nginxTimeMs(directive?.args[0] ?? '') ?? 0;
    return directive === undefined || durationMs === 0
      ? []
      : [[key, draft.duration(directive, durationMs, range)]];
  });
  if (timeouts.length > 0) listener.timeouts = { ...Object.fromEntries(timeouts), ...listener.timeouts };
  const bodySize = lastOf(scopes, 'client_max_body_size');
  const bodyBytes = nginxBytes(bodySize?.args[0] ?? '') ?? 0;
  if (bodyBytes > 0) listener.limits = { bodyBytes, ...listener.limits };
  const proxies = scopes.flat().filter(({ name }) => name === 'set_real_ip_from');
  const addresses = proxies.flatMap((directive) => {
    const [address = ''] = directive.args;
    if (/^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/.test(address)) return [address];
    draft.note(directive, `${address} is no address or network`);
    return [];
  });
  if (addresses.length > 0)
    listener.trustedProxies = [...new Set([...(listener.trustedProxies ?? []), ...addresses])];
}

const LISTENER_TIMEOUTS = [
  ['client_header_timeout', 'header', RANGE_MS.downstream],
  ['keepalive_timeout', 'idle', RANGE_MS.downstreamIdle],
  ['client_body_timeout', 'stall', RANGE_MS.downstream],
  ['send_timeout', 'stall', RANGE_MS.downstream],
] as const;
