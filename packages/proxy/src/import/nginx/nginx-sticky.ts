import type { Draft, WrittenAffinity, WrittenPool } from '../draft.ts';
import { DAY_MS, RANGE_MS, YEAR_MS } from '../ranges.ts';
import { type NginxDirective, optionOf } from './nginx-directives.ts';
import { nginxTimeMs } from './nginx-values.ts';

/** What `sticky`, `ip_hash` and `hash` of an upstream say of its sessions. */
export function importStickiness(draft: Draft, directive: NginxDirective, pool: WrittenPool): void {
  const affinity = affinityOf(draft, directive);
  if (affinity === undefined) return;
  if (pool.affinity !== undefined)
    draft.note(directive, 'an earlier directive says already what keeps sessions');
  else pool.affinity = draft.from(directive, affinity);
}

function affinityOf(draft: Draft, directive: NginxDirective): WrittenAffinity | undefined {
  const [method] = directive.args;
  if (directive.name === 'ip_hash') return byAddress(draft, 24);
  if (directive.name === 'hash') return hashed(draft, directive);
  if (method === 'cookie') return ownCookie(draft, directive);
  if (method === 'learn') return learnt(draft, directive);
  const reason =
    method === 'route'
      ? 'endpoints are not named by clients: take the place that the route is read from as a session key (affinity: app-cookie, query or path)'
      : 'only "sticky cookie" and "sticky learn" are known';
  draft.note(directive, reason);
  return undefined;
}

/** nginx keeps no table for these, and so the nearest of ours keeps none. */
function byAddress(draft: Draft, ipv4Prefix: number): WrittenAffinity {
  const affinity: WrittenAffinity = {
    type: 'source-ip',
    mode: 'hash',
    ...(ipv4Prefix < 32 && { ipv4Prefix }),
  };
  draft.remark(affinity, 'As in nginx, an endpoint that leaves or returns moves its own clients.');
  draft.remark(affinity, 'With "mode: table" a client stays where it is.');
  return affinity;
}

const KEYED = /^\$\{?(cookie|http|arg)_([A-Za-z0-9_]+)\}?$/;
const ADDRESS = /^\$\{?(?:binary_)?(?:remote_addr|proxy_protocol_addr)\}?$/;

function hashed(draft: Draft, directive: NginxDirective): WrittenAffinity | undefined {
  const [key = ''] = directive.args;
  if (ADDRESS.test(key)) return byAddress(draft, 32);
  const [, kind, name = ''] = KEYED.exec(key) ?? [];
  switch (kind) {
    case 'cookie':
      return { type: 'app-cookie', name };
    case 'http':
      return { type: 'header', name: headerOf(name) };
    case 'arg':
      return { type: 'query', name };
    default:
      draft.note(
        directive,
        `${key} is no session key: an address, a cookie, a header or a query parameter is`,
      );
      return undefined;
  }
}

const headerOf = (variable: string): string =>
  variable
    .toLowerCase()
    .replaceAll('_', '-')
    .replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());

function ownCookie(draft: Draft, directive: NginxDirective): WrittenAffinity | undefined {
  const [, name] = directive.args;
  if (name === undefined) {
    draft.note(directive, 'expected the name of a cookie');
    return undefined;
  }
  const expires = optionOf(directive, 'expires');
  const lifetimeMs = expires === 'max' ? YEAR_MS : expires === undefined ? undefined : nginxTimeMs(expires);
  if (expires !== undefined && lifetimeMs === undefined)
    draft.note(directive, `expires=${expires} is no time`);
  noteUnknownOptions(draft, directive);
  const affinity: WrittenAffinity = {
    type: 'cookie',
    name,
    ...lifetimes(draft, directive, lifetimeMs),
  };
  const attributes = attributesOf(directive, lifetimeMs !== undefined);
  if (Object.keys(attributes).length > 0)
    Object.assign(affinity, { cookie: draft.from(directive, attributes) });
  if (lifetimeMs === undefined) {
    draft.remark(
      affinity,
      'nginx sets no limit here. Default: forgotten after 20m without a request (idleTimeout).',
    );
  }
  return affinity;
}

/** A session that is kept for longer than the default of a day must be allowed to last for as long. */
function lifetimes(draft: Draft, directive: NginxDirective, idleMs: number | undefined) {
  if (idleMs === undefined) return {};
  const idleTimeout = draft.duration(directive, idleMs, RANGE_MS.session);
  return { idleTimeout, ...(idleMs > DAY_MS && { absoluteTimeout: idleTimeout }) };
}

function attributesOf(directive: NginxDirective, isPermanent: boolean) {
  const path = optionOf(directive, 'path');
  const domain = optionOf(directive, 'domain')?.replace(/^\./, '');
  const sameSite = SAME_SITE[optionOf(directive, 'samesite')?.toLowerCase() ?? ''];
  return {
    ...(path !== undefined && path !== '/' && { path }),
    ...(domain !== undefined && { domain }),
    ...(sameSite !== undefined && { sameSite }),
    ...(directive.args.includes('secure') && { secure: 'always' as const }),
    ...(isPermanent && { lifetime: 'permanent' as const }),
  };
}

const SAME_SITE: Readonly<Record<string, 'Lax' | 'Strict' | 'None'>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

const COOKIE_OPTION =
  /^(?:expires=.*|domain=[^$]*|path=[^$]*|samesite=(?:lax|strict|none)|secure|httponly|secure=on|httponly=on)$/i;

function noteUnknownOptions(draft: Draft, directive: NginxDirective): void {
  for (const option of directive.args.slice(2)) {
    if (!COOKIE_OPTION.test(option)) draft.note(directive, `${option} has no equivalent`);
  }
}

const TEN_MINUTES_MS = 600_000;

/** `sticky learn create=$upstream_cookie_x lookup=$cookie_x`: the application names its sessions. */
function learnt(draft: Draft, directive: NginxDirective): WrittenAffinity | undefined {
  const [, lookedUp, name = ''] = KEYED.exec(optionOf(directive, 'lookup') ?? '') ?? [];
  const [, created, source = ''] =
    /^\$upstream_(cookie|http)_([A-Za-z0-9_]+)$/.exec(optionOf(directive, 'create') ?? '') ?? [];
  const timeoutMs = nginxTimeMs(optionOf(directive, 'timeout') ?? '') ?? TEN_MINUTES_MS;
  const rules = lifetimes(draft, directive, timeoutMs);
  if (lookedUp === 'cookie' && created === 'cookie' && name === source)
    return { type: 'app-cookie', name, ...rules };
  const learn = created === 'cookie' ? { cookie: source } : { header: headerOf(source) };
  if (lookedUp === 'http' && created !== undefined)
    return { type: 'header', name: headerOf(name), learn, ...rules };
  if (lookedUp === 'arg' && created !== undefined) return { type: 'query', name, learn, ...rules };
  draft.note(
    directive,
    'expected one create= of $upstream_cookie_… or $upstream_http_… and one lookup= of its kind',
  );
  return undefined;
}
