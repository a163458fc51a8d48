import {
  affinityOfSticky,
  hashedKey,
  ipHash,
  isRefused,
  learningSources,
  type NginxCookie,
  type NginxLearn,
  type NginxSticky,
  nginxTimeMs,
  readSticky,
} from '@holdfast/shared/profiles';
import type { Draft, WrittenAffinity, WrittenPool } from '../draft.ts';
import { DAY_MS, RANGE_MS, YEAR_MS } from '../ranges.ts';
import type { NginxDirective } from './nginx-directives.ts';

/** What `sticky`, `ip_hash` and `hash` of an upstream say of its sessions. */
export function importStickiness(draft: Draft, directive: NginxDirective, pool: WrittenPool): void {
  const affinity = affinityOf(draft, directive);
  if (affinity === undefined) return;
  if (pool.affinity !== undefined)
    draft.note(directive, 'an earlier directive says already what keeps sessions');
  else pool.affinity = draft.from(directive, affinity);
}

function affinityOf(draft: Draft, directive: NginxDirective): WrittenAffinity | undefined {
  if (directive.name === 'ip_hash') return addressed(draft, ipHash());
  if (directive.name === 'hash') return hashed(draft, directive);
  const sticky = readSticky(directive.args);
  switch (sticky.kind) {
    case 'cookie':
      return ownCookie(draft, directive, sticky.cookie);
    case 'learn':
      return learnt(draft, directive, sticky.learn);
    case 'route':
      return labelled(draft, directive, sticky);
    case 'refused':
      draft.note(directive, `nginx refuses it: ${sticky.says}`);
      return undefined;
  }
}

function addressed(draft: Draft, affinity: WrittenAffinity): WrittenAffinity {
  draft.remark(affinity, 'As in nginx, an endpoint that leaves or returns moves its own clients.');
  draft.remark(affinity, 'With "mode: table" a client stays where it is.');
  return affinity;
}

function hashed(draft: Draft, directive: NginxDirective): WrittenAffinity | undefined {
  const [key = ''] = directive.args;
  const source = hashedKey(key);
  if (source?.type === 'source-ip') return addressed(draft, source);
  if (source === undefined)
    draft.note(directive, `${key} is no session key: an address, a cookie, a header or a query parameter is`);
  return source;
}

/** A sealed cookie, which names no endpoint to whoever reads it; the profile has the cookie that nginx sets. */
function ownCookie(draft: Draft, directive: NginxDirective, cookie: NginxCookie): WrittenAffinity {
  const { name, expires } = cookie;
  const lifetimeMs = expires === 'max' ? YEAR_MS : nginxTimeMs(expires ?? '');
  const variables = [cookie.domain, cookie.path, cookie.sameSite].filter((value) => value?.includes('$'));
  for (const variable of variables) draft.note(directive, `${variable} has no equivalent`);
  const attributes = attributesOf(cookie, lifetimeMs !== undefined);
  const affinity: WrittenAffinity = {
    type: 'cookie',
    name,
    ...lifetimes(draft, directive, lifetimeMs),
    ...(Object.keys(attributes).length > 0 && { cookie: draft.from(directive, attributes) }),
  };
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

function attributesOf({ path = '/', domain = '$', sameSite, secure }: NginxCookie, isPermanent: boolean) {
  const site = SAME_SITE[sameSite?.toLowerCase() ?? ''];
  return {
    ...(path !== '/' && !path.includes('$') && { path }),
    ...(!domain.includes('$') && { domain: domain.replace(/^\./, '') }),
    ...(site !== undefined && { sameSite: site }),
    ...(secure && { secure: 'always' as const }),
    ...(isPermanent && { lifetime: 'permanent' as const }),
  };
}

const SAME_SITE: Readonly<Record<string, 'Lax' | 'Strict' | 'None'>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

/** `sticky learn create=$upstream_cookie_x lookup=$cookie_x`: the application names its sessions. */
function learnt(draft: Draft, directive: NginxDirective, learn: NginxLearn): WrittenAffinity | undefined {
  const sources = learningSources(learn);
  if (isRefused(sources)) {
    draft.note(directive, `expected ${sources.expected}, found ${sources.found}`);
    return undefined;
  }
  const rules = lifetimes(draft, directive, learn.timeoutMs);
  const [first, ...others] = sources;
  return first !== undefined && others.length === 0
    ? { ...first, ...rules }
    : { sources: [...sources], ...rules };
}

/** `sticky route`: the application names the endpoint. */
function labelled(draft: Draft, directive: NginxDirective, route: NginxSticky): WrittenAffinity | undefined {
  const translated = affinityOfSticky(route);
  if (!isRefused(translated)) return translated;
  const { expected, found } = translated;
  draft.note(
    directive,
    `expected ${expected}, found ${found}: for what a map takes from a field, see docs/profiles/nginx.md`,
  );
  return undefined;
}
