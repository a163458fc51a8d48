import {
  formatListenAddress,
  type ListenAddress,
  overlaps,
  parseListenAddress,
} from '@holdfast/shared/config';
import type { Draft, Place, WrittenListener, WrittenRoute } from '../draft.ts';
import { RANGE_MS } from '../ranges.ts';
import { readCondition } from './haproxy-conditions.ts';
import { noteLeft } from './haproxy-hints.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';
import { timeoutOf } from './haproxy-time.ts';

/** Keywords that this file has a meaning for. */
export const FRONTEND_KEYWORDS =
  /^(?:bind|mode|use_backend|default_backend|acl|maxconn|timeout (?:client|http-request|http-keep-alive))(?: |$)/;

/** A `frontend`, or what of a `listen` is one: a listener of its routes on each address where it is bound. */
export function importFrontend(draft: Draft, proxy: HaproxyProxy): void {
  const routes = routesOf(draft, proxy);
  const settings = settingsOf(draft, proxy);
  for (const bind of proxy.all('bind')) {
    for (const address of addressesOf(draft, bind)) {
      const listener = draft.addListener(bind, {
        name: draft.nameFor('listener', proxy.key),
        listen: formatListenAddress(address),
        ...protocolOf(draft, bind, proxy),
        routes: routes.map((route) => draft.from(draft.places.get(route) ?? proxy, { ...route })),
        ...settings,
      });
      noteConflict(draft, listener, address, bind);
    }
  }
}

/** `:80`, `*:80`, `10.0.0.1:80,10.0.0.2:80`. */
function addressesOf(draft: Draft, bind: HaproxyLine): readonly ListenAddress[] {
  return (bind.args[0] ?? '').split(',').flatMap((text) => {
    const bare = text
      .replace(/^ipv[46]@/, '')
      .replace(/^\*(?=:)/, '')
      .replace(/^:::/, '[::]:');
    const address = parseListenAddress(bare);
    if (address === undefined) draft.note(bind, `${text} is no address and port to listen on`);
    return address ?? [];
  });
}

/** HAProxy may bind an address twice; the system gives one socket to addresses that overlap. */
function noteConflict(draft: Draft, listener: WrittenListener, address: ListenAddress, place: Place): void {
  const isTaken = draft.listeners.some((other) => {
    const taken = other === listener ? undefined : parseListenAddress(other.listen);
    return taken !== undefined && overlaps(taken, address);
  });
  if (!isTaken) return;
  draft.note(place, `${listener.listen} is left out: an earlier listener takes that port`);
  draft.listeners.splice(draft.listeners.indexOf(listener), 1);
}

function protocolOf(draft: Draft, bind: HaproxyLine, proxy: HaproxyProxy): Partial<WrittenListener> {
  const isTls = bind.args.includes('ssl');
  const crt = behind(bind.args, 'crt');
  const hasProxyHeader = bind.args.includes('accept-proxy');
  if (hasProxyHeader)
    draft.note(bind, 'accept-proxy: name the proxies in trustedProxies, then set proxyProtocol: true');
  if (behind(bind.args, 'alpn')?.includes('h2') === true) {
    draft.note(bind, 'HTTP/2 is spoken by https listeners with "server: node" (docs/guides/http2.md)');
  }
  if (proxy.mode === 'tcp') {
    if (isTls) draft.note(bind, 'TLS is not ended on a tcp listener: it is passed through');
    return { protocol: 'tcp' };
  }
  if (!isTls) return {};
  if (crt === undefined || crt.endsWith('/')) {
    draft.note(
      bind,
      'no file of a certificate: name cert and key in tls.certificates, and set protocol: https',
    );
    return {};
  }
  const isModern = behind(bind.args, 'ssl-min-ver') === 'TLSv1.3';
  return {
    protocol: 'https',
    tls: {
      certificates: [draft.from(bind, { cert: crt, key: crt })],
      ...(isModern && { minVersion: 'TLSv1.3' as const }),
    },
  };
}

/** Rules in their order, the default last. Of Holdfast's routes the most specific counts, wherever it stands. */
function routesOf(draft: Draft, proxy: HaproxyProxy): readonly WrittenRoute[] {
  const rules = proxy.all('use_backend').flatMap((rule) => routesOfRule(draft, proxy, rule));
  const fallback = proxy.last('default_backend');
  const ownServers = proxy.kind === 'listen' && fallback === undefined && proxy.all('server').length > 0;
  if (ownServers) return [...rules, draft.from(proxy, { pool: draft.poolOf(proxy.key)?.name ?? proxy.key })];
  if (fallback === undefined) return rules;
  const key = fallback.args[0] ?? '';
  return [...rules, draft.from(fallback, { pool: draft.poolOf(key)?.name ?? key })];
}

function routesOfRule(draft: Draft, proxy: HaproxyProxy, rule: HaproxyLine): readonly WrittenRoute[] {
  const [key = '', word, ...words] = rule.args;
  const pool = draft.poolOf(key)?.name ?? key;
  if (word === undefined) return [draft.from(rule, { pool })];
  const condition = word === 'if' ? readCondition(words, proxy) : ({ kind: 'unknown', part: word } as const);
  if (condition.kind === 'unknown') {
    noteLeft(draft, rule, `left out: routes go by host, path prefix and TLS name, not by ${condition.part}`);
    return [];
  }
  return condition.matches.flatMap(({ hosts = [undefined], paths = [undefined], sni = [undefined] }) =>
    hosts.flatMap((host) =>
      paths.flatMap((path) =>
        sni.map((name) => {
          const match = {
            ...(host !== undefined && { host }),
            ...(path !== undefined && path !== '/' && { path }),
            ...(name !== undefined && { sni: name }),
          };
          return draft.from(rule, { ...(Object.keys(match).length > 0 && { match }), pool });
        }),
      ),
    ),
  );
}

function settingsOf(draft: Draft, proxy: HaproxyProxy): Partial<WrittenListener> {
  const timeout = (name: string, range: readonly [number, number]): string | undefined =>
    timeoutOf(draft, proxy, name, range);
  const isTcp = proxy.mode === 'tcp';
  const client = timeout('client', isTcp ? RANGE_MS.downstreamIdle : RANGE_MS.downstream);
  const header = isTcp ? undefined : timeout('http-request', RANGE_MS.downstream);
  const idle = isTcp ? client : timeout('http-keep-alive', RANGE_MS.downstreamIdle);
  const timeouts = {
    ...(header !== undefined && { header }),
    ...(idle !== undefined && { idle }),
    ...(client !== undefined && !isTcp && { stall: client }),
  };
  const connections = Number(proxy.last('maxconn')?.args[0] ?? 0);
  return {
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    ...(connections >= 1 && { limits: { connections: Math.round(connections) } }),
  };
}
