import { describe, expect, it } from 'vitest';
import { formatProblem, parseConfig } from '../config/index.ts';
import type { AffinityConfig } from '../config/schema.ts';

const MINUTE_MS = 60_000;

/** The affinity of a pool with these values of the profile, or what is said against them. */
function read(
  values: object,
  { endpoint = 'http://10.0.0.1', ...pool }: { readonly endpoint?: string; readonly balance?: string } = {},
): AffinityConfig | readonly string[] {
  const protocol = /^(?:tcp|udp)/.exec(endpoint)?.[0] ?? 'http';
  const config = {
    secrets: ['a secret of sixteen or more'],
    listeners: [{ name: 'web', listen: ':80', protocol, pool: 'shop' }],
    pools: [
      { name: 'shop', endpoints: [{ url: endpoint }], affinity: { profile: 'huawei', ...values }, ...pool },
    ],
  };
  const parsed = parseConfig(JSON.stringify(config), { file: 'f', environment: {} });
  if (parsed.kind === 'problems')
    return parsed.problems.map((problem) => formatProblem(problem).replace(/^f:\d+:\d+: /, ''));
  return parsed.config.pools[0]?.affinity as AffinityConfig;
}

const tcp = { endpoint: 'tcp://10.0.0.1:6379' };

describe('the profile huawei', () => {
  it.each([
    [{ type: 'SOURCE_IP' }, tcp, { type: 'source-ip', mode: 'table', ipv4Prefix: 32 }, 20],
    [
      { type: 'SOURCE_IP', persistence_timeout: 60 },
      { endpoint: 'udp://10.0.0.1:53' },
      { type: 'source-ip' },
      60,
    ],
    [{ type: 'HTTP_COOKIE' }, {}, { type: 'cookie' }, 20],
    [{ type: 'HTTP_COOKIE', persistence_timeout: '1440' }, {}, { type: 'cookie' }, 1_440],
    [{ type: 'APP_COOKIE', cookie_name: 'SID' }, {}, { type: 'app-cookie', name: 'SID' }, 20],
    [
      { type: 'APP_COOKIE', cookie_name: 'SID', class: 'dedicated', compat: 2026 },
      {},
      { type: 'app-cookie' },
      20,
    ],
  ])('takes %j with %j for what it means', (values, pool, source, minutes) => {
    expect(read(values, pool)).toMatchObject({ sources: [source], idleTimeout: minutes * MINUTE_MS });
  });

  it.each([
    [
      { type: 'HTTP_COOKIE', persistence_timeout: 0 },
      {},
      'persistence_timeout: expected a whole number of minutes from 1 to 1440, found 0',
    ],
    [
      { type: 'HTTP_COOKIE', persistence_timeout: 1_441 },
      {},
      'persistence_timeout: expected a whole number of minutes from 1 to 1440, found 1441',
    ],
    [
      { type: 'HTTP_COOKIE', persistence_timeout: '1441' },
      {},
      'persistence_timeout: expected a whole number of minutes from 1 to 1440, found "1441"',
    ],
    [
      { type: 'SOURCE_IP', persistence_timeout: 61 },
      tcp,
      'persistence_timeout: expected a whole number of minutes from 1 to 60, found 61',
    ],
    [
      { type: 'SOURCE_IP', persistence_timeout: 'abc' },
      tcp,
      'persistence_timeout: expected a whole number of minutes from 1 to 60, found "abc"',
    ],
    [
      { type: 'SOURCE_IP', persistence_timeout: 1.5 },
      tcp,
      'persistence_timeout: expected a whole number of minutes from 1 to 60, found 1.5',
    ],
    [{ type: 'APP_COOKIE' }, {}, 'cookie_name: expected text, found nothing'],
    [
      { type: 'HTTP_COOKIE', cookie_name: 'SID' },
      {},
      'cookie_name: unknown key: expected one of profile, class, compat, type, persistence_timeout',
    ],
    [
      { type: 'HTTP_COOKIE' },
      tcp,
      'type: expected SOURCE_IP, because the listener is TCP, found HTTP_COOKIE',
    ],
    [
      { type: 'SOURCE_IP' },
      {},
      'type: expected HTTP_COOKIE or APP_COOKIE, because the listener is HTTP, found SOURCE_IP',
    ],
    [
      { type: 'APP_COOKIE', cookie_name: 'SID', class: 'dedicated' },
      {},
      'type: expected SOURCE_IP or HTTP_COOKIE, because dedicated load balancers had no other until compat: 2026, found "APP_COOKIE"',
    ],
  ])('refuses %j with %j in its own words', (values, pool, problem) => {
    expect(read(values, pool)).toEqual([`pools[0].affinity.${problem}`]);
  });

  it('refuses to be beside the algorithm that sticks by itself', () => {
    const problems = read({ type: 'SOURCE_IP' }, { ...tcp, balance: 'source-ip' });
    expect(problems).toEqual([
      'pools[0].balance: expected round-robin or least-connections, because sticky sessions cannot be configured beside the algorithm SOURCE_IP, found source-ip',
    ]);
  });
});
