import { describe, expect, it } from 'vitest';
import { formatProblem, parseConfig } from '../config/index.ts';
import type { AffinityConfig } from '../config/schema.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** The affinity of a pool with these values, or what is said against them. */
function read(affinity: object): AffinityConfig | readonly string[] {
  const config = {
    secrets: ['a secret of sixteen or more'],
    listeners: [{ name: 'web', listen: ':80', pool: 'shop' }],
    pools: [{ name: 'shop', endpoints: [{ url: 'http://10.0.0.1' }], affinity }],
  };
  const parsed = parseConfig(JSON.stringify(config), { file: 'f', environment: {} });
  if (parsed.kind === 'problems')
    return parsed.problems.map((problem) =>
      formatProblem(problem).replace(/^f:\d+:\d+: pools\[0\]\.affinity\.?/, ''),
    );
  return parsed.config.pools[0]?.affinity as AffinityConfig;
}

const withPolicy = (profile: string, policy: object, values: object = {}): object => ({
  profile,
  policies: [{ PolicyName: 'p', ...policy }],
  PolicyNames: ['p'],
  ...values,
});
const ofDuration = (seconds: number) => ({ CookieExpirationPeriod: seconds });
const ofApplication = { CookieName: 'SID' };

describe('the profile aws', () => {
  it.each([
    [{}, 'session', undefined, DAY_MS],
    [ofDuration(0), 'session', undefined, DAY_MS],
    [ofDuration(60), 'permanent', 60_000, DAY_MS],
    [ofDuration(200_000), 'permanent', 200_000_000, 200_000_000],
  ])('with a duration %j sets AWSELB once, and keeps what is brought back for a day at least', (...row) => {
    const [policy, lifetime, maxAge, idleTimeout] = row;
    const cookie = { lifetime, refresh: 'never', attributes: ['PATH', 'MAX-AGE'], ...(maxAge && { maxAge }) };
    expect(read(withPolicy('aws', policy))).toMatchObject({
      sources: [{ type: 'cookie', name: 'AWSELB', cookie }],
      idleTimeout,
      absoluteTimeout: YEAR_MS,
      onEndpointDown: 'repin',
    });
  });

  it('with a cookie of the application follows that, with AWSELB beside it', () => {
    expect(read(withPolicy('aws', ofApplication))).toMatchObject({
      sources: [{ type: 'app-cookie', name: 'SID', companion: { name: 'AWSELB' } }],
      idleTimeout: 7 * DAY_MS,
      absoluteTimeout: YEAR_MS,
    });
  });

  it('has AWSELBCORS where it is asked for', () => {
    const twin = { AWSELBCORS: true };
    expect(read(withPolicy('aws', {}, twin))).toMatchObject({
      sources: [{ cookie: { twin: 'AWSELBCORS' } }],
    });
    expect(read(withPolicy('aws', ofApplication, twin))).toMatchObject({
      sources: [{ companion: { name: 'AWSELB', twin: 'AWSELBCORS' } }],
    });
    expect(JSON.stringify(read(withPolicy('aws', {})))).not.toContain('CORS');
  });

  it('without a policy in use keeps no sessions', () => {
    for (const values of [{}, { PolicyNames: [] }, { policies: [{ PolicyName: 'p' }] }])
      expect(read({ profile: 'aws', ...values })).toMatchObject({ sources: [] });
  });
});

describe('the profile eucalyptus', () => {
  it('with a duration ends the session after it, for the client that keeps its cookie as well', () => {
    expect(read(withPolicy('eucalyptus', ofDuration(60)))).toMatchObject({
      sources: [
        {
          type: 'cookie',
          name: 'AWSELB',
          cookie: { lifetime: 'session', refresh: 'never', attributes: ['path'], cacheControl: 'no-cache' },
        },
      ],
      idleTimeout: 60_000,
      absoluteTimeout: 60_000,
    });
  });

  it.each([
    [{}, 24],
    [{ app_cookie_duration: 1 }, 1],
    [{ app_cookie_duration: 8760 }, 8760],
  ])('with a cookie of the application and %j forgets it when it is idle for %j hours', (values, hours) => {
    expect(read(withPolicy('eucalyptus', ofApplication, values))).toMatchObject({
      sources: [{ type: 'app-cookie', name: 'SID', companion: { name: 'AWSELB' } }],
      idleTimeout: hours * HOUR_MS,
    });
  });

  it('has no AWSELBCORS', () => {
    expect(read(withPolicy('eucalyptus', ofDuration(60), { AWSELBCORS: true }))).toEqual([
      expect.stringMatching(/^AWSELBCORS: unknown key/),
    ]);
  });
});

describe('the profile alb', () => {
  const enabled = { profile: 'alb', 'stickiness.enabled': true };
  const byApplication = { ...enabled, 'stickiness.type': 'app_cookie' };

  it('keeps no sessions before it is enabled', () => {
    expect(read({ profile: 'alb' })).toMatchObject({ sources: [] });
  });

  it('sets AWSALB and AWSALBCORS with every response, and ends idle sessions after the duration', () => {
    const cookie = { lifetime: 'permanent', maxAge: 7 * DAY_MS, refresh: 'always', twin: 'AWSALBCORS' };
    const sources = [
      { type: 'cookie', name: 'AWSALB', cookie: { ...cookie, attributes: ['Expires', 'Path'] } },
    ];
    expect(read(enabled)).toMatchObject({ sources, idleTimeout: DAY_MS });
    const seconds = { 'stickiness.lb_cookie.duration_seconds': 604_800 };
    expect(read({ ...enabled, ...seconds })).toMatchObject({ sources, idleTimeout: 604_800_000 });
  });

  it('follows a cookie of the application', () => {
    const values = {
      'stickiness.app_cookie.cookie_name': 'SID',
      'stickiness.app_cookie.duration_seconds': 60,
    };
    expect(read({ ...byApplication, ...values })).toMatchObject({
      sources: [{ type: 'app-cookie', name: 'SID', companion: { name: 'AWSALBAPP-0' } }],
      idleTimeout: 60_000,
    });
  });

  it.each([
    [
      { ...enabled, 'stickiness.lb_cookie.duration_seconds': 0 },
      '["stickiness.lb_cookie.duration_seconds"]: expected a whole number of seconds from 1 to 604800, found 0',
    ],
    [
      { ...enabled, 'stickiness.lb_cookie.duration_seconds': 604_801 },
      '["stickiness.lb_cookie.duration_seconds"]: expected a whole number of seconds from 1 to 604800, found 604801',
    ],
    [
      byApplication,
      '["stickiness.app_cookie.cookie_name"]: expected the name of a cookie beside stickiness.type: app_cookie, found nothing',
    ],
    [
      { ...byApplication, 'stickiness.app_cookie.cookie_name': 'AWSALBTG' },
      '["stickiness.app_cookie.cookie_name"]: expected a name that does not begin with AWSALB, AWSALBAPP or AWSALBTG, found "AWSALBTG"',
    ],
  ])('refuses %j', (values, problem) => {
    expect(read(values)).toEqual([problem]);
  });
});
