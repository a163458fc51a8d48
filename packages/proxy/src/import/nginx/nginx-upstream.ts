import { nginxTimeMs } from '@holdfast/shared/profiles';
import type { Draft, WrittenEndpoint, WrittenPool } from '../draft.ts';
import { RANGE_MS } from '../ranges.ts';
import { lastOf, type NginxDirective, optionOf } from './nginx-directives.ts';
import { noteLeft } from './nginx-hints.ts';
import { importStickiness } from './nginx-sticky.ts';

/** What endpoints of a pool are spoken to in; `tcp` and `udp` are carried as they are. */
export type Scheme = 'http' | 'https' | 'h2c' | 'tcp' | 'udp';

/** An `upstream` block becomes a pool of its name. */
export function importUpstream(draft: Draft, upstream: NginxDirective, scheme: Scheme): void {
  const key = upstream.args[0] ?? 'upstream';
  if (draft.poolOf(key) !== undefined) {
    draft.note(upstream, `the second one of the name ${key}, which nginx refuses: the first counts`);
    return;
  }
  const pool = draft.addPool(upstream, key);
  const servers = (upstream.block ?? []).filter(({ name }) => name === 'server');
  for (const server of servers) addEndpoint(draft, server, pool, scheme);
  for (const directive of upstream.block ?? []) importSetting(draft, directive, pool);
  importFailures(draft, servers, pool);
}

function addEndpoint(draft: Draft, server: NginxDirective, pool: WrittenPool, scheme: Scheme): void {
  const [address = '', ...options] = server.args;
  if (options.includes('down')) return draft.note(server, `${address} is down: left out`);
  const url = endpointUrlOf(address, scheme);
  if (url === undefined) return draft.note(server, `${address} is no address of a host and port: left out`);
  if (pool.endpoints.some((other) => other.url === url)) {
    return draft.note(server, `${address} is in the pool already: left out`);
  }
  const weight = options.includes('drain') ? '0' : optionOf(server, 'weight');
  const connectionsMax = Number(optionOf(server, 'max_conns') ?? 0);
  const label = optionOf(server, 'route');
  const endpoint: WrittenEndpoint = {
    url,
    ...(weight !== undefined && { weight: draft.count(server, Number(weight), [0, 1000]) }),
    ...(options.includes('backup') && { backup: true }),
    ...(label !== undefined && { label }),
    ...(connectionsMax > 0 && { maxConnections: draft.count(server, connectionsMax, [1, 1_000_000]) }),
  };
  pool.endpoints.push(draft.from(server, endpoint));
  for (const option of options) {
    if (!KNOWN_OPTION.test(option)) draft.note(server, `${option} has no equivalent`);
  }
  const slowStart = nginxTimeMs(optionOf(server, 'slow_start') ?? '');
  if (slowStart !== undefined) pool.slowStart ??= draft.duration(server, slowStart, RANGE_MS.slowStart);
}

const KNOWN_OPTION = /^(?:(?:weight|max_conns|max_fails|fail_timeout|slow_start|route)=.*|backup|drain)$/;

/** The URL of an address; nginx takes port 80 where it names none. */
export function endpointUrlOf(address: string, scheme: Scheme): string | undefined {
  if (address.includes('$') || address.startsWith('unix:')) return undefined;
  const hasPort = /:\d{1,5}$/.test(address);
  const url = `${scheme}://${address}${hasPort ? '' : ':80'}`;
  return /^[a-z0-9]+:\/\/(?:[\w.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(url) ? url : undefined;
}

function importSetting(draft: Draft, directive: NginxDirective, pool: WrittenPool): void {
  const { name, args } = directive;
  switch (name) {
    case 'server':
      return;
    case 'sticky':
    case 'ip_hash':
    case 'hash':
      return importStickiness(draft, directive, pool);
    case 'least_conn':
      pool.balance = 'least-connections';
      return;
    case 'least_time':
      pool.balance = 'least-connections';
      return draft.note(directive, 'response times are not measured: taken as least-connections');
    case 'random':
      pool.balance = 'random-two';
      if (args[0] !== 'two')
        draft.note(directive, 'taken as random-two, which draws two and takes the better one');
      return;
    case 'queue':
      return importQueue(draft, directive, pool);
    default:
      return noteLeft(draft, directive);
  }
}

function importQueue(draft: Draft, directive: NginxDirective, pool: WrittenPool): void {
  pool.maxQueue = draft.count(directive, Number(directive.args[0]), [0, 1_000_000]);
  const timeoutMs = nginxTimeMs(optionOf(directive, 'timeout') ?? '60s') ?? 60_000;
  pool.timeouts = { ...pool.timeouts, queue: draft.duration(directive, timeoutMs, RANGE_MS.upstream) };
}

/** `max_fails` and `fail_timeout` of single endpoints become the outlier detection of their pool. */
function importFailures(draft: Draft, servers: readonly NginxDirective[], pool: WrittenPool): void {
  const said = servers.filter((server) => optionOf(server, 'max_fails') ?? optionOf(server, 'fail_timeout'));
  const [first, ...others] = said;
  if (first === undefined) return;
  const failures = optionOf(first, 'max_fails');
  const timeMs = nginxTimeMs(optionOf(first, 'fail_timeout') ?? '');
  if (failures === '0')
    draft.note(first, 'max_fails=0: failures always count; a high number makes them rare');
  pool.outlierDetection = draft.from(first, {
    ...(failures !== undefined && {
      consecutiveFailures: failures === '0' ? 1000 : draft.count(first, Number(failures), [1, 1000]),
    }),
    ...(timeMs !== undefined && { ejectionTime: draft.duration(first, timeMs, RANGE_MS.ejection) }),
  });
  const differing = others.filter((other) =>
    FAILURE.some((name) => optionOf(other, name) !== optionOf(first, name)),
  );
  for (const other of differing) {
    draft.note(other, `max_fails and fail_timeout hold for a pool: those of line ${first.line} count`);
  }
}

const FAILURE = ['max_fails', 'fail_timeout'] as const;

/** What each upstream is spoken to in, by its name, as the directives that pass requests to it say. */
export function schemesOf(directives: readonly NginxDirective[]): ReadonlyMap<string, Scheme> {
  const schemes = new Map<string, Scheme>();
  const read = (scope: readonly NginxDirective[]): void => {
    const isUdp = lastOf([scope], 'listen')?.args.includes('udp') === true;
    for (const { name, args, block } of scope) {
      const [, scheme, key] = PASSED.exec(args[0] ?? '') ?? [];
      if (/^(?:proxy|grpc)_pass$/.test(name) && key !== undefined && !schemes.has(key)) {
        schemes.set(key, SCHEMES[scheme ?? ''] ?? (isUdp ? 'udp' : 'tcp'));
      }
      if (block !== undefined) read(block);
    }
  };
  read(directives);
  return schemes;
}

const PASSED = /^(?:([a-z]+):\/\/)?([^/$]+)/;

export const SCHEMES: Readonly<Record<string, Scheme>> = {
  http: 'http',
  https: 'https',
  grpc: 'h2c',
  grpcs: 'https',
};
