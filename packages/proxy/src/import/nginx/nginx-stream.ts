import { nginxTimeMs } from '@holdfast/shared/profiles';
import type { Draft, WrittenPool } from '../draft.ts';
import { RANGE_MS } from '../ranges.ts';
import { lastOf, type NginxDirective } from './nginx-directives.ts';
import { noteLeft } from './nginx-hints.ts';
import { type ListenerBook, listensOf, type NginxListen } from './nginx-listen.ts';
import { endpointUrlOf } from './nginx-upstream.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'listen',
  'proxy_pass',
  'proxy_timeout',
  'proxy_connect_timeout',
  'proxy_protocol',
  'ssl_preread',
]);

/** Whether a directive that stands around the servers of a stream holds for them. */
export const isInheritedByStreams = (name: string): boolean =>
  /^proxy_(?:timeout|connect_timeout|protocol)$/.test(name);

type Scopes = readonly (readonly NginxDirective[])[];

/** A `server` block of `stream`: a tcp or udp listener on each address where it listens. */
export function importStreamServer(
  draft: Draft,
  server: NginxDirective,
  outer: Scopes,
  book: ListenerBook,
): void {
  const block = server.block ?? [];
  const scopes = [...outer, block];
  const pass = block.find(({ name }) => name === 'proxy_pass');
  for (const directive of block) if (!KNOWN.has(directive.name)) noteLeft(draft, directive);
  if (pass === undefined) return draft.note(server, 'left out: it passes nothing on');
  for (const listen of listensOf(draft, server)) {
    if (listen.isTls)
      draft.note(listen.directive, 'TLS is not ended on a tcp listener: it is passed through');
    const pool = poolOf(draft, pass, listen);
    if (pool !== undefined) addListener(draft, listen, pool, scopes, book);
  }
}

function poolOf(draft: Draft, pass: NginxDirective, { isUdp }: NginxListen): WrittenPool | undefined {
  const [key = ''] = pass.args;
  const known = draft.poolOf(key);
  if (known !== undefined) return known;
  const url = endpointUrlOf(key, isUdp ? 'udp' : 'tcp');
  if (url === undefined) {
    draft.note(pass, `left out: ${key} names no upstream or address`);
    return undefined;
  }
  const pool = draft.addPool(pass, key);
  pool.endpoints.push(draft.from(pass, { url }));
  return pool;
}

function addListener(
  draft: Draft,
  listen: NginxListen,
  pool: WrittenPool,
  scopes: Scopes,
  book: ListenerBook,
): void {
  const { listener } = book.at(listen, listen.isUdp ? 'udp' : 'tcp');
  listener.routes = [...(listener.routes ?? []), draft.from(listen.directive, { pool: pool.name })];
  const idle = lastOf(scopes, 'proxy_timeout');
  const idleMs = nginxTimeMs(idle?.args[0] ?? '');
  if (idle !== undefined && idleMs !== undefined) {
    listener.timeouts = { idle: draft.duration(idle, idleMs, RANGE_MS.downstreamIdle) };
  }
  const connect = lastOf(scopes, 'proxy_connect_timeout');
  const connectMs = nginxTimeMs(connect?.args[0] ?? '');
  if (connect !== undefined && connectMs !== undefined) {
    pool.timeouts = { connect: draft.duration(connect, connectMs, RANGE_MS.upstream) };
  }
  if (listen.hasProxyHeader) listener.proxyProtocol = true;
  if (lastOf(scopes, 'proxy_protocol')?.args[0] === 'on') pool.proxyProtocol = 'v1';
}
