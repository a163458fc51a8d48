import type { Draft, WrittenHealthCheck, WrittenPool } from '../draft.ts';
import { RANGE_MS } from '../ranges.ts';
import { noteLeft } from './haproxy-hints.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';
import { addEndpoint, type HaproxyServer, serversOf } from './haproxy-server.ts';
import { type StickTables, sessionsOf } from './haproxy-sessions.ts';
import { timeMs, timeoutOf } from './haproxy-time.ts';

/** A `backend`, or what of a `listen` is one, becomes a pool of its name. */
export function importBackend(draft: Draft, proxy: HaproxyProxy, tables: StickTables): void {
  if (draft.poolOf(proxy.key) !== undefined) {
    draft.note(proxy, `the second one of the name ${proxy.key}: the first counts`);
    return;
  }
  const pool = draft.addPool(proxy, proxy.key);
  const servers = serversOf(proxy);
  const affinity = sessionsOf(draft, proxy, tables);
  if (affinity !== undefined) pool.affinity = affinity;
  const isLabelled = affinity !== undefined && 'profile' in affinity;
  for (const server of servers) addEndpoint(draft, server, proxy.mode, isLabelled, pool);
  importBalance(draft, proxy, pool);
  importTimeouts(draft, proxy, pool);
  importHealthCheck(draft, proxy, servers, pool);
  importConnectionSettings(draft, servers, pool);
}

/** Keywords that this file, or what it calls, has a meaning for. */
export const BACKEND_KEYWORDS =
  /^(?:server|default-server|balance|cookie|stick|stick-table|mode|option httpchk|http-check (?:send|expect)|timeout (?:connect|server|queue|check))(?: |$)/;

const BALANCE: Readonly<Record<string, NonNullable<WrittenPool['balance']>>> = {
  roundrobin: 'round-robin',
  'static-rr': 'round-robin',
  leastconn: 'least-connections',
  source: 'source-ip',
};

function importBalance(draft: Draft, proxy: HaproxyProxy, pool: WrittenPool): void {
  const line = proxy.last('balance');
  const [algorithm = ''] = line?.args ?? [];
  if (line === undefined) return;
  const policy = algorithm.startsWith('random') ? 'random-two' : BALANCE[algorithm];
  // What `balance` says of clients is their affinity already, unless something else keeps sessions.
  const isSession = pool.affinity !== undefined && draft.places.get(pool.affinity) === line;
  if (isSession || policy === 'round-robin') return;
  if (policy !== undefined) pool.balance = policy;
  else noteLeft(draft, line, `no policy like ${algorithm}: taken as round-robin`);
}

function importTimeouts(draft: Draft, proxy: HaproxyProxy, pool: WrittenPool): void {
  const [connect, server, queue] = ['connect', 'server', 'queue'].map((name) =>
    timeoutOf(draft, proxy, name, RANGE_MS.upstream),
  );
  if (connect === undefined && server === undefined && queue === undefined) return;
  pool.timeouts = {
    ...(connect !== undefined && { connect }),
    ...(queue !== undefined && { queue }),
    ...(server !== undefined && { response: server, idle: server }),
  };
}

/** HAProxy checks an endpoint by a connection unless it is told of a request. */
function importHealthCheck(
  draft: Draft,
  proxy: HaproxyProxy,
  servers: readonly HaproxyServer[],
  pool: WrittenPool,
): void {
  const checked = servers.find(({ options }) => options.includes('check'));
  const request = proxy.last('option', 'httpchk');
  if (checked === undefined) {
    if (request !== undefined) noteLeft(draft, request, 'no server has "check"');
    return;
  }
  if (proxy.mode === 'http' && request === undefined) {
    const place = { line: checked.line.line, name: 'check' };
    return draft.note(
      place,
      'a check by connection: Holdfast notices refused ones by itself; for a request, set healthCheck.path',
    );
  }
  pool.healthCheck = draft.from(request ?? checked.line, {
    ...(request !== undefined && requestOf(draft, proxy, request)),
    ...rhythmOf(draft, proxy, checked),
  });
}

function requestOf(draft: Draft, proxy: HaproxyProxy, { line, args }: HaproxyLine): WrittenHealthCheck {
  const send = proxy.last('http-check', 'send');
  const expect = proxy.last('http-check', 'expect');
  const words = args.slice(1);
  const uri = behind(send?.args ?? [], 'uri') ?? words.find((word) => word.startsWith('/')) ?? '/';
  const method = behind(send?.args ?? [], 'meth') ?? words.find((word) => /^[A-Z]+$/.test(word)) ?? 'OPTIONS';
  if (method !== 'GET')
    draft.note({ line, name: 'option httpchk' }, `a ${method} request: the check is a GET`);
  const status = behind(expect?.args ?? [], 'status');
  const isTaken = status !== undefined && /^[1-5]\d\d$/.test(status);
  if (expect !== undefined && !isTaken)
    noteLeft(draft, expect, 'only "status" with one number is carried over');
  if (expect === undefined) {
    draft.note(
      { line, name: 'option httpchk' },
      'HAProxy takes 2xx and 3xx for healthy: here it is 2xx (healthCheck.status)',
    );
  }
  return { path: uri, ...(isTaken && { status }) };
}

/** What HAProxy goes by where a server says nothing, which is not what Holdfast does. */
const UNSAID = { interMs: 2_000, fall: 3 };

function rhythmOf(draft: Draft, proxy: HaproxyProxy, { line, options }: HaproxyServer): WrittenHealthCheck {
  const place = { line: line.line, name: 'check' };
  const intervalMs = timeMs(draft, place, behind(options, 'inter'));
  const timeout = timeoutOf(draft, proxy, 'check', RANGE_MS.probeTimeout);
  const count = (name: string): number | undefined => {
    const written = behind(options, name);
    return written === undefined ? undefined : draft.count(place, Number(written), [1, 100]);
  };
  const [fall, rise] = [count('fall'), count('rise')];
  return {
    interval: draft.duration(place, intervalMs ?? UNSAID.interMs, RANGE_MS.probeInterval),
    ...(timeout !== undefined && { timeout }),
    ...(rise !== undefined && { healthyAfter: rise }),
    unhealthyAfter: fall ?? UNSAID.fall,
  };
}

/** In Holdfast these belong to the pool: the first server that says something counts. */
function importConnectionSettings(draft: Draft, servers: readonly HaproxyServer[], pool: WrittenPool): void {
  const saying = (option: string): HaproxyServer | undefined =>
    servers.find(({ options }) => options.includes(option));
  const slow = saying('slowstart');
  const slowMs = slow && timeMs(draft, slow.line, behind(slow.options, 'slowstart'));
  if (slow !== undefined && slowMs !== undefined)
    pool.slowStart = draft.duration(slow.line, slowMs, RANGE_MS.slowStart);
  if (pool.endpoints.some(({ url }) => url.startsWith('https:'))) importTls(draft, servers, pool);
  const sender = saying('send-proxy-v2') ?? saying('send-proxy');
  if (sender === undefined) return;
  const isTcp = pool.endpoints.some(({ url }) => url.startsWith('tcp:'));
  if (isTcp) pool.proxyProtocol = sender.options.includes('send-proxy-v2') ? 'v2' : 'v1';
  else
    draft.note(
      sender.line,
      'send-proxy: only tcp endpoints get the PROXY protocol, http ones X-Forwarded-For',
    );
}

function importTls(draft: Draft, servers: readonly HaproxyServer[], pool: WrittenPool): void {
  const [first] = servers.filter(({ options }) => options.includes('ssl'));
  const options = first?.options ?? [];
  const ca = behind(options, 'ca-file');
  const serverName = behind(options, 'verifyhost');
  const isUnverified = behind(options, 'verify') === 'none';
  if (isUnverified)
    draft.remark(
      pool,
      'HAProxy did not verify these endpoints ("verify none"), Holdfast does: see tls.ca and tls.serverName.',
    );
  if (ca !== undefined || serverName !== undefined) {
    pool.tls = { ...(ca !== undefined && { ca }), ...(serverName !== undefined && { serverName }) };
  }
}
