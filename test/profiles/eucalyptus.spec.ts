import { systemClock } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { CookieJar } from '../support/cookie-jar.ts';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { idleDeadlines } from '../support/idle-deadlines.ts';
import type { ConfigPart } from '../support/node-config.ts';
import { until } from '../support/until.ts';
import type { Visit } from '../support/visitor.ts';
import { distinctPlaces, setting, useElb } from './elb-world.ts';

const APPLIED = { outcome: 'applied' };
const HOUR_MS = 3_600_000;

const DURATION = { PolicyName: 'MyLoadBalancerPolicy', CookieExpirationPeriod: 60 };
const APPLICATION = { PolicyName: 'MyAppCookiePolicy', CookieName: 'MyAppCookie' };

const eucalyptus = (values: ConfigPart): ConfigPart => ({ profile: 'eucalyptus', ...values });
const withPolicy = (policy: ConfigPart & { PolicyName: string }, values: ConfigPart = {}): ConfigPart =>
  eucalyptus({ policies: [policy], PolicyNames: [policy.PolicyName], ...values });

describe('the profile eucalyptus: a load balancer of Eucalyptus', () => {
  const elb = useElb();

  it('A9: a session of the application ends after a day without a request, or app_cookie_duration hours', async () => {
    const hours = [
      [{}, 24],
      [{ app_cookie_duration: 48 }, 48],
    ] as const;
    for (const [values, expected] of hours) {
      expect(await elb().configure(withPolicy(APPLICATION, values))).toMatchObject(APPLIED);
      const knownBefore = await idleDeadlines(elb().redisUrl);
      await new CookieJar().visit(elb().clients[0], setting(`MyAppCookie=of-a9-${expected}; Path=/`));
      const [deadline = 0, ...others] = (await idleDeadlines(elb().redisUrl)).filter(
        (known) => !knownBefore.includes(known),
      );
      expect(others).toEqual([]);
      expect((deadline - systemClock.now()) / HOUR_MS).toBeGreaterThan(expected - 0.1);
      expect((deadline - systemClock.now()) / HOUR_MS).toBeLessThanOrEqual(expected);
    }
    expect(await elb().refusal(withPolicy(APPLICATION, { app_cookie_duration: 0 }))).toBe(
      'refused\napp_cookie_duration: expected a whole number of hours from 1 to 8760, found 0',
    );
  });

  it('A9: an idle session of the application is balanced anew, though its client keeps both cookies', async () => {
    // What the profile stands for, with seconds in place of the hours.
    await elb().configure({
      type: 'app-cookie',
      name: 'MyAppCookie',
      companion: { name: 'AWSELB' },
      idleTimeout: '2s',
      absoluteTimeout: '365d',
    });
    const jar = new CookieJar();
    await jar.visit(elb().clients[0], setting('MyAppCookie=of-a9-idle; Path=/'));
    expect(await jar.visit(elb().clients[1])).toMatchObject({ outcome: 'hit' });
    const lastVisitMs = systemClock.elapsed();
    await until('the session is idle', () => systemClock.elapsed() > lastVisitMs + 2_300);
    expect(await jar.visit(elb().clients[1])).toMatchObject({ outcome: 'none', setsCookie: false });
  });

  it('A4: AWSELB counts for its period, however busy its session, and is then issued anew', async () => {
    await elb().configure(withPolicy({ PolicyName: 'two-seconds', CookieExpirationPeriod: 2 }));
    const [client, other] = elb().clients;
    const jar = new CookieJar();
    const startMs = systemClock.elapsed();
    const first = await jar.visit(client);
    const issued = jar.valueOf('AWSELB');
    expect(first.response.setCookies).toEqual([expect.stringMatching(/^AWSELB=[^;]{87}; path=\/$/)]);
    const visits: Visit[] = [];
    await until('a new cookie is issued', async () => {
      const visit = await jar.visit(other);
      if (visit.setsCookie) return true;
      visits.push(visit);
      return false;
    });
    expect(visits.length).toBeGreaterThan(1);
    expect(distinctPlaces([first, ...visits])).toEqual([first.servedBy]);
    expect(new Set(visits.map(({ outcome }) => outcome))).toEqual(new Set(['hit']));
    // A cookie has its times in whole seconds, so that a period may be up to one shorter.
    expect(systemClock.elapsed() - startMs).toBeGreaterThanOrEqual(1_000);
    expect(jar.valueOf('AWSELB')).not.toBe(issued);
    expect(await jar.visit(client)).toMatchObject({ outcome: 'hit', setsCookie: false });
  });

  it('A4: an expired AWSELB chooses no endpoint, and its client is balanced as one without', async () => {
    await elb().configure(withPolicy({ PolicyName: 'a-second', CookieExpirationPeriod: 1 }));
    const expired = new CookieJar();
    await expired.visit(elb().clients[0]);
    const cookie = expired.valueOf('AWSELB') as string;
    const issuedMs = systemClock.elapsed();
    await until('the period is over', () => systemClock.elapsed() > issuedMs + 1_500);
    const visits = [];
    for (const client of [...elb().clients, ...elb().clients, ...elb().clients]) {
      const jar = new CookieJar();
      jar.set('AWSELB', cookie);
      visits.push(await jar.visit(client));
    }
    expect(visits.map(({ outcome }) => outcome)).toEqual(Array(6).fill('created'));
    expect(distinctPlaces(visits).length).toBeGreaterThan(1);
  });

  it('A4: a policy without a period, or with one that is not positive, is refused', async () => {
    for (const [period, found] of [
      [{}, 'nothing'],
      [{ CookieExpirationPeriod: 0 }, '0'],
      [{ CookieExpirationPeriod: -5 }, '-5'],
    ] as const)
      expect(await elb().refusal(withPolicy({ PolicyName: 'p', ...period }))).toBe(
        `refused\npolicies[0].CookieExpirationPeriod: expected a number of seconds bigger than 0 (InvalidConfigurationRequest), found ${found}`,
      );
  });

  it('A4: an endpoint never sees AWSELB, and caches are told not to keep it', async () => {
    await elb().configure(withPolicy(DURATION));
    const jar = new CookieJar();
    const first = await jar.visit(elb().clients[0], '/respond?header=Cache-Control:max-age%3D60');
    expect(first.response.headers['cache-control']).toBe('max-age=60, no-cache="set-cookie"');
    jar.set('theme', 'dark');
    const { headers } = JSON.parse((await jar.visit(elb().clients[0], '/echo')).response.body) as Echo;
    expect(headers[headers.indexOf('cookie') + 1]).toBe('theme=dark');
  });

  it('A2: both kinds of policy on one listener are refused, and a policy that nobody has created', async () => {
    const both = {
      policies: [DURATION, APPLICATION],
      PolicyNames: ['MyLoadBalancerPolicy', 'MyAppCookiePolicy'],
    };
    expect(await elb().refusal(eucalyptus(both))).toContain(
      'only one cookie stickiness policy can be set (InvalidConfigurationRequest)',
    );
    expect(await elb().refusal(eucalyptus({ PolicyNames: ['MyLoadBalancerPolicy'] }))).toContain(
      'PolicyNotFound',
    );
  });

  it('A6, A7: a session follows the cookie of its application, moves once when its server fails, and stays there', async () => {
    await elb().configure(withPolicy(APPLICATION));
    const jar = new CookieJar();
    const begun = await jar.visit(elb().clients[0], setting('MyAppCookie=of-a7; Path=/shop'));
    expect(begun.response.setCookies[1]).toMatch(/^AWSELB=[^;]{87}; Path=\/shop$/);
    const during = await elb().tour(jar);
    expect(distinctPlaces(during)).toEqual([begun.servedBy]);
    expect(during.filter(({ setsCookie }) => setsCookie)).toEqual([]);

    await elb().kill(begun.servedBy);
    const moved = await elb().tour(jar);
    expect(new Set(moved.map(({ status }) => status))).toEqual(new Set([200]));
    expect(distinctPlaces(moved).length).toBe(1);
    expect(distinctPlaces(moved)).not.toEqual([begun.servedBy]);
    await elb().restart(begun.servedBy);
    expect(distinctPlaces(await elb().tour(jar))).toEqual(distinctPlaces(moved));

    await jar.visit(elb().clients[1], setting('MyAppCookie=; Path=/shop'));
    expect(jar.valueOf('AWSELB')).toBeUndefined();
    expect((await jar.visit(elb().clients[0])).outcome).toBe('none');
  });
});
