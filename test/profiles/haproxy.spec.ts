import { systemClock } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { until } from '../support/until.ts';
import { answering, cookie, dated, HaproxyWorld, haproxy } from './haproxy-world.ts';

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const DATED = /^S=s1\|([\w+/]{5})\|([\w+/]{5}); path=\/$/;

const KEYED = { 'dynamic-cookie-key': 'secret' };
const SPARE = haproxy({ stick: ['on src'], 'stick-table': 'type ip size 1m' });

const set = (value: string): string => `S=${value}; path=/`;

/** `s3` is the endpoint that tests kill and start again. */
const MORTAL = ['s3', 's2'] as const;

/** For tests that look at an endpoint while it is down. */
const SLOW = { ejectionTime: '1s' };

const world = new HaproxyWorld({
  plain: cookie('SERVERID insert nocache'),
  caching: cookie('S insert'),
  indirect: cookie('S insert indirect'),
  preserve: cookie('S insert indirect preserve'),
  postonly: cookie('S insert postonly'),
  attributes: cookie('S insert domain .example.com httponly secure attr "SameSite=None"'),
  dates: cookie('S insert maxidle 30m maxlife 8h'),
  idle: cookie('S insert maxidle 30m'),
  prefix: cookie('S prefix'),
  rewrite: cookie('S rewrite'),
  dynamic: {
    ...cookie('S insert dynamic', KEYED),
    endpoints: [{ url: 'http://127.0.0.1:18392' }, { url: 'http://127.0.0.2:18392' }],
    outlierDetection: { connectFailures: 1_000 },
  },
  redispatch: {
    ...cookie('S insert', { option: ['redispatch'] }),
    endpoints: MORTAL,
    outlierDetection: SLOW,
  },
  strict: { ...cookie('S insert'), endpoints: MORTAL },
  persist: {
    ...cookie('S insert', { option: ['redispatch', 'persist'] }),
    endpoints: MORTAL,
    outlierDetection: SLOW,
  },
  forced: {
    ...cookie('S insert', {
      option: ['redispatch'],
      'force-persist': ['if { path_beg /check } or { src 192.0.2.0/24 }'],
      'ignore-persist': ['if { path_beg /static }'],
    }),
    endpoints: MORTAL,
  },
  weights: cookie('S insert'),
  source: { affinity: haproxy({ stick: ['on src'], 'stick-table': 'type ip size 1m expire 1s' }) },
  both: {
    affinity: haproxy({ cookie: 'S insert', stick: ['on src'], 'stick-table': 'type ip size 1m expire 30m' }),
  },
  learnt: {
    affinity: haproxy({
      stick: ['match cookie(SID)', 'store-response set-cookie(SID)'],
      'stick-table': 'type string len 32 size 1m expire 30m',
    }),
  },
  spare: { affinity: SPARE },
});

describe('the profile haproxy: cookies', () => {
  it('P1: the first response names its server and is private, and a client with that cookie gets no other', async () => {
    const first = await world.ask('plain', undefined, answering('Cache-Control: max-age=60'));
    expect(first.setCookies).toEqual([`SERVERID=${first.from}; path=/`]);
    expect(first.response.headers['cache-control']).toBe('private, max-age=60');
    for (let count = 0; count < 3; count++) {
      const next = await world.ask('plain', 'SERVERID=s1', answering('Cache-Control: max-age=60'), count % 2);
      expect(next).toMatchObject({ from: 's1', setCookies: [], flags: 'VN' });
      expect(next.response.headers['cache-control']).toBe('max-age=60');
    }
    const cached = await world.ask('caching', undefined, answering('Cache-Control: max-age=60'));
    expect(cached.response.headers['cache-control']).toBe('max-age=60');
  });

  it('P2: a cookie of no server is replaced, and one of a server that is down leads to another, for good', async () => {
    const unknown = await world.ask('plain', 'SERVERID=s9');
    expect(unknown).toMatchObject({ flags: 'II', setCookies: [`SERVERID=${unknown.from}; path=/`] });

    await world.killed('redispatch', async () => {
      const moved = await world.ask('redispatch', 'S=s3');
      expect(moved).toMatchObject({ from: 's2', flags: 'DI', setCookies: [set('s2')], status: 200 });
    });
    const back = await world.ask('redispatch', 'S=s2');
    expect(back).toMatchObject({ from: 's2', flags: 'VN', setCookies: [] });
  });

  it('P3: indirect keeps the cookie from servers and drops a second one of theirs', async () => {
    const seen = await world.ask('indirect', 'a=1; S=s1; b=2', { path: '/echo' });
    expect(cookiesSeen(seen.response.body)).toBe('a=1; b=2');
    const direct = await world.ask('caching', 'a=1; S=s1; b=2', { path: '/echo' });
    expect(cookiesSeen(direct.response.body)).toBe('a=1; S=s1; b=2');

    const own = answering('Set-Cookie: S=app; Path=/', 'Set-Cookie: other=1');
    expect(await world.ask('indirect', 'S=s1', own)).toMatchObject({ flags: 'VD', setCookies: ['other=1'] });
    const replaced = await world.ask('indirect', undefined, own);
    expect(replaced).toMatchObject({ flags: 'NI', setCookies: ['other=1', set(replaced.from ?? '')] });
  });

  it('P3: preserve leaves a cookie of the application, also the one that ends the session at a logout', async () => {
    const logout = answering('Set-Cookie: S=; Max-Age=0');
    for (const brought of ['S=s1', undefined])
      expect(await world.ask('preserve', brought, logout)).toMatchObject({ setCookies: ['S=; Max-Age=0'] });
    expect(await world.ask('preserve', 'S=s1', logout)).toMatchObject({ flags: 'VP' });
  });

  it('P3: postonly names the server in answers to POST alone', async () => {
    expect(await world.ask('postonly')).toMatchObject({ flags: 'NN', setCookies: [] });
    const posted = await world.ask('postonly', undefined, { method: 'POST', body: 'x' });
    expect(posted).toMatchObject({ flags: 'NI', setCookies: [set(posted.from ?? '')] });
  });

  it('P3: a server without a cookie of its own deletes the one that the client has', async () => {
    const endpoints = [world.server('s1', { label: undefined }), world.server('s2', { weight: 0 })];
    await world.reconfigured({ caching: { ...cookie('S insert'), endpoints } }, async () => {
      const deletion = 'S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/';
      const answer = await world.ask('caching', 'S=s1');
      expect(answer).toMatchObject({ from: 's1', flags: 'II', setCookies: [deletion] });
    });
  });

  it('P3: attributes come in the order and spelling of HAProxy', async () => {
    const { from, setCookies } = await world.ask('attributes');
    expect(setCookies).toEqual([`S=${from}; path=/; domain=.example.com; HttpOnly; Secure; SameSite=None`]);
  });

  it('P4: maxidle accepts a cookie for that long, gives it a new date, and keeps the first date', async () => {
    const answer = await world.ask('dates', `S=s1|${dated(29 * MINUTE_S)}|${dated(HOUR_S)}`);
    expect(answer).toMatchObject({ from: 's1', flags: 'VU' });
    const [, used, first] = DATED.exec(answer.setCookies[0] ?? '') ?? [];
    expect(first).toBe(dated(HOUR_S));
    expect([dated(4), dated(0), dated(-4)]).toContain(used);

    const again = await world.ask('dates', `S=s1|${dated(-8)}|${first}`);
    expect(again).toMatchObject({ flags: 'VN', setCookies: [] });
  });

  it('P4: a cookie that was idle or lived for too long, or is of tomorrow, counts for nothing', async () => {
    for (const [value, flags] of [
      [`s1|${dated(31 * MINUTE_S)}|${dated(HOUR_S)}`, 'EI'],
      [`s1|${dated(-25 * HOUR_S)}|${dated(HOUR_S)}`, 'EI'],
      [`s1|${dated(0)}|${dated(8 * HOUR_S + MINUTE_S)}`, 'OI'],
      [`s1|${dated(0)}|${dated(-25 * HOUR_S)}`, 'OI'],
    ] as const) {
      const answer = await world.ask('dates', `S=${value}`);
      expect(answer.flags).toBe(flags);
      expect(answer.setCookies).toEqual([expect.stringMatching(`^S=${answer.from}\\|.{5}\\|.{5}; path=/$`)]);
    }
    expect(await world.ask('dates', `S=s1|${dated(-23 * HOUR_S)}|${dated(DAY_S / 4)}`)).toMatchObject({
      from: 's1',
    });
  });

  it('P4: a cookie without a date is accepted and gets one, and a date that nobody asks for goes', async () => {
    const bare = await world.ask('dates', 'S=s1');
    expect(bare).toMatchObject({ from: 's1', flags: 'VU', setCookies: [expect.stringMatching(DATED)] });
    const idle = await world.ask('idle', `S=s1|${dated(-8)}|${dated(0)}`);
    expect(idle).toMatchObject({ from: 's1', setCookies: [expect.stringMatching(/^S=s1\|.{5}; path=\/$/)] });
    const plain = await world.ask('caching', `S=s1|${dated(0)}|${dated(0)}`);
    expect(plain).toMatchObject({ from: 's1', setCookies: [set('s1')] });
  });

  it('P5: prefix puts the server in front of the value of the application and takes it away again', async () => {
    const login = await world.ask('prefix', undefined, answering('Set-Cookie: S=app; Path=/; HttpOnly'));
    expect(login).toMatchObject({ flags: 'NR', setCookies: [`S=${login.from}~app; Path=/; HttpOnly`] });
    const next = await world.ask('prefix', 'a=1; S=s1~app~2; b=2', { path: '/echo' });
    expect(next).toMatchObject({ from: 's1', flags: 'VN', setCookies: [] });
    expect(cookiesSeen(next.response.body)).toBe('a=1; S=app~2; b=2');
    expect(await world.ask('prefix')).toMatchObject({ flags: 'NN', setCookies: [] });
  });

  it('P5: rewrite replaces the value that the application sets, and sets none by itself', async () => {
    const login = await world.ask('rewrite', undefined, answering('Set-Cookie: S=app; Path=/'));
    expect(login).toMatchObject({ flags: 'NR', setCookies: [`S=${login.from}; Path=/`] });
    expect(await world.ask('rewrite', 'S=s1')).toMatchObject({ from: 's1', flags: 'VN', setCookies: [] });
    expect(await world.ask('rewrite')).toMatchObject({ flags: 'NN', setCookies: [] });
  });

  it('P5: insert, prefix and rewrite exclude each other', async () => {
    const answer = await world.reload({ caching: cookie('S insert prefix') });
    expect(answer.outcome).toBe('refused');
    expect(answer.problems?.join()).toContain(
      'expected one of insert, prefix and rewrite, found "insert and prefix"',
    );
  });

  it('P6: a dynamic cookie is the same on all nodes, is that of HAProxy, and is another at another address', async () => {
    const failed = await Promise.all(
      [0, 1].map((node) => world.ask('dynamic', 'S=d984598c7796b5a9', {}, node)),
    );
    expect((await world.logged(failed)).map(({ flags }) => flags)).toEqual(['VN', 'VN']);
    const endpoints = [{ url: world.endpoint('s1').url }, { url: world.endpoint('s2').url }];
    await world.reconfigured({ dynamic: { ...cookie('S insert dynamic', KEYED), endpoints } }, async () => {
      expect(await world.ask('dynamic', 'S=d984598c7796b5a9')).toMatchObject({ flags: 'II', status: 200 });
      const given = await Promise.all([0, 0, 1, 1].map((node) => world.ask('dynamic', undefined, {}, node)));
      const labels = new Map(given.map(({ from, setCookies }) => [from, setCookies[0]]));
      expect(new Set(labels.values()).size).toBe(labels.size);
      for (const { from, setCookies } of given) {
        expect(setCookies).toEqual([labels.get(from)]);
        expect(setCookies[0]).toMatch(/^S=[0-9a-f]{16}; path=\/$/);
      }
    });
  });
});

describe('the profile haproxy: servers that fail, leave or take nobody new', () => {
  it('P7: without redispatch a refused connection is answered 503, with it another server answers', async () => {
    await world.killed('strict', async () => {
      const refused = await world.ask('strict', 'S=s3');
      const answered = await world.ask('redispatch', 'S=s3');
      expect(refused).toMatchObject({ status: 503, setCookies: [] });
      expect(answered).toMatchObject({ status: 200, from: 's2', flags: 'DI' });
      expect(await world.logged([refused, answered])).toMatchObject([
        { flags: 'VN', retries: 0 },
        { flags: 'DI', retries: 1 },
      ]);
    });
  });

  it('P7: option persist asks a server that is down first all the same', async () => {
    await world.killed('persist', async () => {
      const answers = [];
      for (const backend of ['persist', 'redispatch'] as const) {
        await world.ask(backend, 'S=s3');
        await world.standing(backend, 's3', 'down');
        answers.push(await world.ask(backend, 'S=s3'));
      }
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, from: 's2', flags: 'DI' });
      expect(await world.logged(answers)).toMatchObject([{ retries: 1 }, { retries: 0 }]);
    });
  });

  it('P7: force-persist never goes elsewhere, and ignore-persist balances and sets nothing', async () => {
    await world.killed('forced', async () => {
      await world.ask('forced', 'S=s3');
      expect(await world.ask('forced', 'S=s3', { path: '/check' })).toMatchObject({
        status: 503,
        setCookies: [],
      });
      const office = { headers: { 'x-forwarded-for': '192.0.2.7' } };
      expect(await world.ask('forced', 'S=s3', office)).toMatchObject({ status: 503, setCookies: [] });
      expect(await world.ask('forced', 'S=s3')).toMatchObject({ status: 200, from: 's2' });
    });
    const ignored = await Promise.all(
      Array.from({ length: 6 }, () => world.ask('forced', 'S=s2', { path: '/static/a.png' })),
    );
    expect(new Set(ignored.map(({ from }) => from)).size).toBe(2);
    for (const answer of ignored) expect(answer).toMatchObject({ flags: 'UN', setCookies: [] });
  });

  it('P8: a server of weight 0 or that drains serves those who name it, and nobody new', async () => {
    const endpoints = [world.server('s1', { weight: 0 }), world.server('s2')];
    await world.reconfigured({ weights: { ...cookie('S insert'), endpoints } }, async () => {
      expect(await world.ask('weights', 'S=s1')).toMatchObject({ from: 's1', flags: 'VN' });
      expect(await world.places('weights')).toEqual(new Set(['s2']));
    });
    await world.drained('weights', 's2', async () => {
      await world.standing('weights', 's2', 'draining');
      expect(await world.places('weights')).toEqual(new Set(['s1']));
      expect(await world.ask('weights', 'S=s2')).toMatchObject({ from: 's2', flags: 'VN' });
    });
  });

  it('P8: a server that is taken out of the configuration serves nobody', async () => {
    await world.reconfigured(
      { weights: { ...cookie('S insert'), endpoints: [world.server('s2')] } },
      async () => {
        expect(await world.ask('weights', 'S=s1')).toMatchObject({
          from: 's2',
          flags: 'II',
          setCookies: [set('s2')],
        });
      },
    );
  });
});

describe('the profile haproxy: stick tables, and what is logged', () => {
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  it('P9: stick on src keeps an address on every node, for as long as it comes again within expire', async () => {
    const home = (await world.ask('source', undefined, from('198.51.100.1'))).from;
    const places = new Set<string | undefined>();
    // Longer than the table would keep an entry that is not used.
    const endMs = systemClock.now() + 1_500;
    await until('the entry has been used for longer than it lasts', async () => {
      for (const node of [0, 1])
        places.add((await world.ask('source', undefined, from('198.51.100.1'), node)).from);
      return systemClock.now() > endMs;
    });
    expect([...places]).toEqual([home]);
    expect(await world.nodes[0]?.pinnedTotal()).toBeGreaterThan(0);
    await until('the entry is gone', async () => (await world.nodes[0]?.pinnedTotal()) === 0);
  });

  it('P9: the cookie wins over the table, and the table counts where there is none', async () => {
    const { from: home } = await world.ask('both', undefined, from('198.51.100.2'));
    const other = home === 's1' ? 's2' : 's1';
    expect(await world.ask('both', `S=${other}`, from('198.51.100.2'))).toMatchObject({
      from: other,
      flags: 'VN',
    });
    const tabled = await Promise.all(
      [0, 1, 0, 1].map((node) => world.ask('both', undefined, from('198.51.100.2'), node)),
    );
    expect(tabled.map((answer) => answer.from)).toEqual(Array(4).fill(home));
  });

  it('P9: store-response learns the key from the cookie that the server sets', async () => {
    const login = await world.ask('learnt', undefined, answering('Set-Cookie: SID=the-guest; Path=/'));
    expect(login.setCookies).toEqual(['SID=the-guest; Path=/']);
    const next = await Promise.all(
      [0, 1, 0, 1].map((node) => world.ask('learnt', 'SID=the-guest', {}, node)),
    );
    expect(next.map((answer) => answer.from)).toEqual(Array(4).fill(login.from));
    expect(
      new Set((await Promise.all(range(6).map(() => world.ask('learnt', 'SID=nobody')))).map((a) => a.from))
        .size,
    ).toBe(2);
  });

  it('P9: keys that are alike for longer than len are two, and one that is too long to be kept is none', async () => {
    const long = 'x'.repeat(40);
    const places = [];
    for (const key of [`${long}1`, `${long}2`])
      places.push((await world.ask('learnt', undefined, answering(`Set-Cookie: SID=${key}`))).from);
    expect(places).toEqual(expect.arrayContaining(['s1', 's2']));
    for (const [index, key] of [`${long}1`, `${long}2`].entries())
      expect((await world.ask('learnt', `SID=${key}`, {}, 1)).from).toBe(places[index]);
    const tooLong = 'x'.repeat(257);
    await world.ask('learnt', undefined, answering(`Set-Cookie: SID=${tooLong}`));
    expect(
      new Set(
        (await Promise.all(range(6).map(() => world.ask('learnt', `SID=${tooLong}`)))).map((a) => a.from),
      ).size,
    ).toBe(2);
  });

  it('P9: a non-stick server serves while the other is down, is never stored, and clients fail back', async () => {
    const endpoints = [world.server('s3'), world.server('s2', { backup: true, sticky: false })];
    const client = from('198.51.100.3');
    await world.reconfigured({ spare: { affinity: SPARE, endpoints } }, async () => {
      expect((await world.ask('spare', undefined, client)).from).toBe('s3');
      await world.endpoint('s3').kill();
      const away = await Promise.all([0, 1, 0].map((node) => world.ask('spare', undefined, client, node)));
      expect(away.map((answer) => answer.from)).toEqual(['s2', 's2', 's2']);
      const stranger = await world.ask('spare', undefined, from('198.51.100.4'));
      expect(stranger.from).toBe('s2');
      await world.endpoint('s3').start();
      for (const node of [0, 1]) await world.standing('spare', 's3', 'serving', node);
      for (const address of ['198.51.100.3', '198.51.100.4'])
        expect((await world.ask('spare', undefined, from(address), 1)).from).toBe('s3');
    });
  });

  it('P10: the access log has two letters for the cookie, and none where there is no such cookie', async () => {
    const expired = `S=s1|${dated(HOUR_S)}|${dated(HOUR_S)}`;
    const answers = await Promise.all(
      [undefined, 'S=s1', 'S=s9', expired].map((value) => world.ask('dates', value)),
    );
    const logged = await world.logged([...answers, await world.ask('source')]);
    expect(logged.map(({ flags }) => flags)).toEqual(['NI', 'VU', 'II', 'EI', undefined]);
  });

  it('P10: hash-balance-factor is 0 or more than 100, and says the same as the bound of the balance policy', async () => {
    const withFactor = (factor: number, balance: unknown) =>
      world.reload({ caching: { ...cookie('S insert', { 'hash-balance-factor': factor }), balance } });
    const bounded = { policy: 'rendezvous', loadFactor: 1.5 };
    for (const factor of [1, 100, -1]) {
      const { outcome, problems } = await withFactor(factor, bounded);
      expect(outcome).toBe('refused');
      expect(problems?.join()).toContain(`expected 0, or a whole number from 101, found ${factor}`);
    }
    const contradiction = await withFactor(200, bounded);
    expect(contradiction.problems?.join()).toContain('expected { policy: rendezvous, loadFactor: 2 }');
    expect((await withFactor(150, bounded)).outcome).toBe('applied');
    expect((await withFactor(0, 'round-robin')).outcome).toBe('applied');
  });
});

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

const cookiesSeen = (body: string): string | undefined => {
  const { headers } = JSON.parse(body) as Echo;
  return headers[headers.findIndex((name) => name.toLowerCase() === 'cookie') + 1];
};
