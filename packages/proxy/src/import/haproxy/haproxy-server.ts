import type { Draft, WrittenEndpoint, WrittenPool } from '../draft.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';

/** A `server` line with what `default-server` adds. */
export interface HaproxyServer {
  readonly line: HaproxyLine;
  readonly id: string;
  readonly address: string;
  readonly options: readonly string[];
}

export function serversOf(proxy: HaproxyProxy): readonly HaproxyServer[] {
  const common = proxy.last('default-server')?.args ?? [];
  return proxy.all('server').map((line) => {
    const [id = '', address = '', ...options] = line.args;
    return { line, id, address, options: [...options, ...common] };
  });
}

/** Adds an endpoint to its pool, or says why there is none. @param isLabelled whether cookies name it by its `cookie` */
export function addEndpoint(
  draft: Draft,
  server: HaproxyServer,
  mode: 'http' | 'tcp',
  isLabelled: boolean,
  pool: WrittenPool,
): void {
  const { line, id, address, options } = server;
  const place = { line: line.line, name: `server ${id}` };
  if (options.includes('disabled')) return draft.note(place, 'disabled: left out');
  const url = urlOf(server, mode);
  if (url === undefined) return draft.note(place, `${address} is no address of a host and port: left out`);
  const connectionsMax = Number(behind(options, 'maxconn') ?? 0);
  const weight = behind(options, 'weight');
  const label = isLabelled ? behind(options, 'cookie') : undefined;
  const endpoint: WrittenEndpoint = {
    ...(ID.test(id) && { id }),
    url,
    ...(label !== undefined && { label }),
    ...(weight !== undefined && { weight: draft.count(place, Number(weight), [0, 1000]) }),
    ...(options.includes('backup') && { backup: true }),
    ...(connectionsMax > 0 && { maxConnections: draft.count(place, connectionsMax, [1, 1_000_000]) }),
  };
  pool.endpoints.push(draft.from(place, endpoint));
  for (const option of unknownOptions(line.args.slice(2))) draft.note(place, `${option} has no equivalent`);
}

const ID = /^[a-z0-9[][a-z0-9._:[\]-]{0,127}$/i;

function urlOf({ address, options }: HaproxyServer, mode: 'http' | 'tcp'): string | undefined {
  const isTls = options.includes('ssl');
  const isHttp2 = behind(options, 'proto') === 'h2';
  const scheme = mode === 'tcp' ? 'tcp' : isTls ? 'https' : isHttp2 ? 'h2c' : 'http';
  const bare = address.replace(/^ipv[46]@/, '');
  const defaultPort = mode === 'tcp' ? '' : isTls ? ':443' : ':80';
  const url = `${scheme}://${bare}${/:\d{1,5}$/.test(bare) ? '' : defaultPort}`;
  return /^[a-z0-9]+:\/\/(?:[\w.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(url) ? url : undefined;
}

/** Options that are carried over, or that say how something is checked that is; and whether a value stands behind each. */
const OPTIONS: Readonly<Record<string, 'alone' | 'with-value'>> = {
  check: 'alone',
  backup: 'alone',
  disabled: 'alone',
  enabled: 'alone',
  ssl: 'alone',
  'send-proxy': 'alone',
  'send-proxy-v2': 'alone',
  cookie: 'with-value',
  weight: 'with-value',
  maxconn: 'with-value',
  inter: 'with-value',
  fall: 'with-value',
  rise: 'with-value',
  slowstart: 'with-value',
  verify: 'with-value',
  'ca-file': 'with-value',
  verifyhost: 'with-value',
  proto: 'with-value',
};

/** Options of HAProxy with a value that mean nothing here; what is not in either list stands alone. */
const LEFT_WITH_VALUE =
  /^(?:sni|check-sni|port|addr|resolvers|resolve-prefer|init-addr|track|on-marked-(?:down|up)|on-error|observe|error-limit|fastinter|downinter|maxqueue|minconn|id|alpn|check-alpn|check-proto|crt|crl-file|ciphers|source|namespace|pool-.*|tcp-ut|agent-.*|redir|max-reuse|ssl-.*|init-state|log-proto|usesrc|ws|shard|guid|hash-key|idle-ping)$/;

function unknownOptions(options: readonly string[]): readonly string[] {
  const unknown: string[] = [];
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? '';
    if (OPTIONS[option] === 'with-value') at += 1;
    else if (LEFT_WITH_VALUE.test(option)) {
      unknown.push([option, options[at + 1]].join(' ').trim());
      at += 1;
    } else if (OPTIONS[option] === undefined) unknown.push(option);
  }
  return unknown;
}
