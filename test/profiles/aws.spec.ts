import { systemClock } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import { CookieJar } from '../support/cookie-jar.ts';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { HttpClient } from '../support/http-client.ts';
import type { ConfigPart } from '../support/node-config.ts';
import { until } from '../support/until.ts';
import { distinctPlaces, setting, useElb } from './elb-world.ts';

const APPLIED = { outcome: 'applied' };
const SEALED = '[A-Za-z0-9_-]{87}';

const DURATION = { PolicyName: 'for-a-minute', CookieExpirationPeriod: 60 };
const APPLICATION = { PolicyName: 'by-the-application', CookieName: 'SID' };

const aws = (values: ConfigPart): ConfigPart => ({ profile: 'aws', ...values });
const withPolicy = (policy: ConfigPart & { PolicyName: string }, values: ConfigPart = {}): ConfigPart =>
  aws({ policies: [policy], PolicyNames: [policy.PolicyName], ...values });

describe('the profile aws: a Classic Load Balancer', () => {
  const elb = useElb();

  it('A1: a policy is in use when the listener has its name, and another list takes its place', async () => {
    const policies = [DURATION, APPLICATION];
    const inUse = (...PolicyNames: readonly string[]) => elb().configure(aws({ policies, PolicyNames }));
    const jar = new CookieJar();
    expect(await inUse()).toMatchObject(APPLIED);
    expect(distinctPlaces(await elb().tour(jar)).length).toBeGreaterThan(1);
    expect(jar.names).toEqual([]);

    expect(await inUse('for-a-minute')).toMatchObject(APPLIED);
    const [first] = await elb().tour(jar);
    expect(jar.names).toEqual(['AWSELB']);
    expect(distinctPlaces(await elb().tour(jar))).toEqual([first?.servedBy]);

    expect(await inUse('by-the-application')).toMatchObject(APPLIED);
    const stranger = new CookieJar();
    expect(distinctPlaces(await elb().tour(stranger)).length).toBeGreaterThan(1);
    expect(stranger.names).toEqual([]);
    await stranger.visit(elb().clients[0], setting('SID=of-a1'));
    expect(stranger.names).toEqual(['SID', 'AWSELB']);

    expect(await inUse()).toMatchObject(APPLIED);
    expect(distinctPlaces(await elb().tour(jar)).length).toBeGreaterThan(1);
  });

  it('A2: policies that an API call would refuse are refused with its code, and those in use stay', async () => {
    await elb().configure(withPolicy(DURATION));
    const jar = new CookieJar();
    const home = (await jar.visit(elb().clients[0])).servedBy;
    const refused = [
      [
        { policies: [DURATION, APPLICATION], PolicyNames: ['for-a-minute', 'by-the-application'] },
        'PolicyNames[1]: expected no second one: only one cookie stickiness policy can be set (InvalidConfigurationRequest), found "by-the-application"',
      ],
      [
        { policies: [DURATION, DURATION] },
        'policies[1].PolicyName: expected a name that no policy before it has (DuplicatePolicyName), found "for-a-minute"',
      ],
      [
        { policies: [DURATION], PolicyNames: ['for-an-hour'] },
        'PolicyNames[0]: expected the name of a policy (PolicyNotFound), found "for-an-hour"',
      ],
      [
        { LoadBalancerName: 'mine', policies: [{ ...DURATION, LoadBalancerName: 'yours' }] },
        'policies[0].LoadBalancerName: expected the LoadBalancerName of the profile (LoadBalancerNotFound), found "yours"',
      ],
      [
        { policies: [{ PolicyName: 'a_b' }] },
        'policies[0].PolicyName: expected letters, digits and "-" (ValidationError), found "a_b"',
      ],
      [
        { policies: [{ PolicyName: '' }] },
        'policies[0].PolicyName: expected letters, digits and "-" (ValidationError), found ""',
      ],
      [
        { policies: [{ ...DURATION, CookieExpirationPeriod: -1 }] },
        'policies[0].CookieExpirationPeriod: expected at least 0 (ValidationError), found -1',
      ],
      [
        { policies: [{ ...APPLICATION, CookieExpirationPeriod: 60 }] },
        'policies[0].CookieExpirationPeriod: expected none beside CookieName (ValidationError), found 60',
      ],
    ] as const;
    for (const [values, problem] of refused)
      expect(await elb().refusal(aws(values))).toBe(`refused\n${problem}`);
    expect(distinctPlaces(await elb().tour(jar))).toEqual([home]);
  });

  it('A2: a TCP listener has no stickiness policy', async () => {
    const tcp = {
      endpoints: [{ id: 'shop-1', url: 'tcp://127.0.0.1:1' }],
      listener: { protocol: 'tcp', debugHeaders: false },
      pool: { healthCheck: { type: undefined } },
    };
    expect(await elb().refusal(withPolicy(DURATION), tcp)).toContain(
      'PolicyNames[0]: expected no cookie stickiness policy, because the listener is TCP (InvalidConfigurationRequest), found for-a-minute',
    );
  });

  it('A3: AWSELB has the period as Max-Age, is set once, and counts for longer with a client that keeps it', async () => {
    await elb().configure(withPolicy({ PolicyName: 'a-second', CookieExpirationPeriod: 1 }));
    const [client] = elb().clients;
    const first = await new CookieJar().visit(client);
    expect(first.response.setCookies).toEqual([
      expect.stringMatching(new RegExp(`^AWSELB=${SEALED}; PATH=/; MAX-AGE=1$`)),
    ]);
    const issuedAtMs = systemClock.elapsed();
    const keeper = new CookieJar();
    keeper.set('AWSELB', /=([^;]+)/.exec(first.response.setCookies[0] ?? '')?.[1] ?? '');
    const tours = [...(await elb().tour(keeper))];
    await until('the period is over', () => systemClock.elapsed() > issuedAtMs + 1_500);
    tours.push(...(await elb().tour(keeper)));
    expect(distinctPlaces(tours)).toEqual([first.servedBy]);
    expect(tours.filter(({ setsCookie, outcome }) => setsCookie || outcome !== 'hit')).toEqual([]);
  });

  it('A3: without a period AWSELB ends with the browser', async () => {
    for (const policy of [{ PolicyName: 'none' }, { PolicyName: 'zero', CookieExpirationPeriod: 0 }]) {
      expect(await elb().configure(withPolicy(policy))).toMatchObject(APPLIED);
      const { response } = await new CookieJar().visit(elb().clients[0]);
      expect(response.setCookies).toEqual([expect.stringMatching(new RegExp(`^AWSELB=${SEALED}; PATH=/$`))]);
    }
  });

  it('A5: when its endpoint fails, a client goes on at another as if it had no cookie, and has a new one', async () => {
    await elb().configure(withPolicy(DURATION));
    const jar = new CookieJar();
    const home = (await jar.visit(elb().clients[0])).servedBy;
    const cookie = jar.valueOf('AWSELB');
    await elb().kill(home);
    const moved = await jar.visit(elb().clients[1]);
    expect(moved).toMatchObject({ status: 200, setsCookie: true });
    expect(moved.servedBy).not.toBe(home);
    expect(jar.valueOf('AWSELB')).not.toBe(cookie);
    await elb().restart(home);
    expect(distinctPlaces(await elb().tour(jar))).toEqual([moved.servedBy]);
  });

  it('A6: AWSELB comes with each new cookie of the application, has its attributes, and nothing else sets it', async () => {
    await elb().configure(withPolicy(APPLICATION));
    const [client] = elb().clients;
    const jar = new CookieJar();
    expect(await jar.visit(client)).toMatchObject({ setsCookie: false, outcome: 'none' });
    const attributes =
      'Path=/; Port="8080"; Domain=shop.example; Secure; HttpOnly; Discard; Max-Age=3600; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Version=1; Comment=c; CommentURL=u; SameSite=Lax';
    const first = await jar.visit(client, setting(`SID=of-a6; ${attributes}`, 'theme=dark; Path=/'));
    expect(first.response.setCookies).toEqual([
      `SID=of-a6; ${attributes}`,
      'theme=dark; Path=/',
      expect.stringMatching(new RegExp(`^AWSELB=${SEALED}; `)),
    ]);
    expect(first.response.setCookies[2]?.replace(/^[^;]+; /, '')).toBe(attributes);
    expect(first.response.headers['cache-control']).toBe('private');

    const later = await elb().tour(jar, setting('theme=light; Path=/'));
    expect(distinctPlaces(later)).toEqual([first.servedBy]);
    expect(later.flatMap(({ response }) => response.setCookies)).toEqual(
      Array(6).fill('theme=light; Path=/'),
    );

    const rotated = await jar.visit(elb().clients[1], setting('SID=of-a6-too; Path=/'));
    expect(rotated.response.setCookies[1]).toMatch(/^AWSELB=[^;]+; Path=\/$/);
    expect(distinctPlaces(await elb().tour(jar))).toEqual([first.servedBy]);
    const { headers } = JSON.parse((await jar.visit(client, '/echo')).response.body) as Echo;
    expect(headers.join('\n')).toContain('SID=of-a6-too');
    expect(headers.join('\n')).not.toContain('AWSELB');
  });

  it('A6: a session without the cookie of the application is over until the application sets another', async () => {
    await elb().configure(withPolicy(APPLICATION));
    const [client, other] = elb().clients;
    const jar = new CookieJar();
    await jar.visit(client, setting('SID=of-a6-one; Path=/'));
    const companion = jar.valueOf('AWSELB') as string;

    const alone = new CookieJar();
    alone.set('AWSELB', companion);
    expect(distinctPlaces(await elb().tour(alone)).length).toBeGreaterThan(1);

    const deleted = await jar.visit(other, setting('SID=; Path=/; Max-Age=0'));
    expect(deleted.response.setCookies).toContain('AWSELB=; Path=/; Max-Age=0');
    expect(jar.names).toEqual([]);
    expect(distinctPlaces(await elb().tour(jar)).length).toBeGreaterThan(1);

    await jar.visit(client, setting('SID=of-a6-short; Path=/; Max-Age=1'));
    await until('the cookies have expired', async () => (await jar.visit(other)).outcome === 'none');
    const again = await jar.visit(client, setting('SID=of-a6-two; Path=/'));
    expect(distinctPlaces(await elb().tour(jar))).toEqual([again.servedBy]);
  });

  it('A7: a session of the application stays where it went when its endpoint is back, whatever is answered there', async () => {
    await elb().configure(withPolicy(APPLICATION));
    const jar = new CookieJar();
    const home = (await jar.visit(elb().clients[0], setting('SID=of-a7; Path=/'))).servedBy;
    await elb().kill(home);
    const moved = await jar.visit(elb().clients[0], '/respond?status=403&body=who+are+you');
    expect(moved).toMatchObject({ status: 403, response: { body: 'who are you' } });
    expect(moved.servedBy).not.toBe(home);
    await elb().restart(home);
    expect(distinctPlaces(await elb().tour(jar))).toEqual([moved.servedBy]);
    const greeted = await jar.visit(elb().clients[1], setting('SID=of-a7-new; Path=/'));
    expect(greeted.servedBy).toBe(moved.servedBy);
    expect(distinctPlaces(await elb().tour(jar))).toEqual([moved.servedBy]);
  });

  it('A8: AWSELBCORS goes with every AWSELB, with SameSite=None and Secure, and is as good as it', async () => {
    const [client] = elb().clients;
    const begun = [
      [DURATION, '/', /; PATH=\/; MAX-AGE=60; SameSite=None; Secure$/],
      [APPLICATION, setting('SID=of-a8; Path=/; SameSite=Lax'), /; Path=\/; SameSite=None; Secure$/],
    ] as const;
    for (const [policy, path, attributes] of begun) {
      await elb().configure(withPolicy(policy, { AWSELBCORS: true }));
      const jar = new CookieJar();
      const { servedBy, response } = await jar.visit(client, path);
      const twin = response.setCookies.find((line) => line.startsWith('AWSELBCORS='));
      expect(twin).toMatch(attributes);
      expect(jar.valueOf('AWSELBCORS')).toBe(jar.valueOf('AWSELB'));
      const { headers } = JSON.parse((await jar.visit(client, '/echo')).response.body) as Echo;
      expect(headers.join('\n')).not.toContain('AWSELB');
      jar.delete('AWSELB');
      expect(distinctPlaces(await elb().tour(jar))).toEqual([servedBy]);
    }
  });

  it('A10: a listener with another backend port has sessions of its own', async () => {
    const [node] = elb().nodes;
    const port = await freePort();
    const listeners = [
      { name: 'web', listen: `127.0.0.1:${node?.ports.port}`, pool: 'shop', debugHeaders: true },
      { name: 'more', listen: `127.0.0.1:${port}`, pool: 'more', debugHeaders: true },
    ];
    const [first, ...others] = elb().addresses;
    const affinity = withPolicy(DURATION);
    const pools = [
      { name: 'shop', endpoints: [first], affinity },
      { name: 'more', endpoints: others, affinity },
    ];
    await node?.reload({ endpoints: [], storeUrl: elb().redisUrl, top: { listeners, pools } });
    const [web] = elb().clients;
    const more = new HttpClient(`http://127.0.0.1:${port}`);
    const jar = new CookieJar();
    await jar.visit(web);
    const ofWeb = jar.valueOf('AWSELB');
    const foreign = await jar.visit(more);
    expect(foreign).toMatchObject({ outcome: 'created', setsCookie: true });
    expect(await jar.visit(more)).toMatchObject({ outcome: 'hit', servedBy: foreign.servedBy });
    jar.set('AWSELB', ofWeb as string);
    expect(await jar.visit(web)).toMatchObject({ outcome: 'hit', servedBy: first?.id });
    await more.close();
  });

  it('the profile alb: both cookies with every response, a week in the cookie, and the duration enforced inside', async () => {
    await elb().configure({
      profile: 'alb',
      'stickiness.enabled': true,
      'stickiness.lb_cookie.duration_seconds': 2,
    });
    const jar = new CookieJar();
    const first = await jar.visit(elb().clients[0]);
    const visits = [first, ...(await elb().tour(jar))];
    for (const { response } of visits) {
      const [cookie = '', twin = ''] = response.setCookies;
      expect(cookie).toMatch(new RegExp(`^AWSALB=${SEALED}; Expires=[^;]+ GMT; Path=/$`));
      expect(twin).toMatch(
        new RegExp(`^AWSALBCORS=${SEALED}; Expires=[^;]+ GMT; Path=/; SameSite=None; Secure$`),
      );
      const daysAhead =
        (Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '') - systemClock.now()) / 86_400_000;
      expect(daysAhead).toBeGreaterThan(6.99);
      expect(daysAhead).toBeLessThanOrEqual(7);
    }
    expect(distinctPlaces(visits)).toEqual([first.servedBy]);
    const startMs = systemClock.elapsed();
    await until('the duration is over', () => systemClock.elapsed() > startMs + 3_000);
    expect(await jar.visit(elb().clients[1])).toMatchObject({ outcome: 'created' });
  });
});
