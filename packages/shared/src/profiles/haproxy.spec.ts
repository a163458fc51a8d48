import { describe, expect, it } from 'vitest';
import { genericAffinity } from '../config/affinity-schema.ts';
import { haproxy, haproxyAffinity } from './haproxy.ts';

const affinityOf = (values: object) =>
  genericAffinity.parse(haproxyAffinity(haproxy.parse({ profile: 'haproxy', ...values })));

const objections = (values: object): readonly string[] =>
  haproxy
    .safeParse({ profile: 'haproxy', ...values })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

const TABLE = { 'stick-table': 'type string size 1m expire 30m' };

describe('the profile haproxy', () => {
  it('reads a line with its keyword and without', () => {
    const line = 'SRV insert indirect nocache maxidle 30m maxlife 8h';
    expect(affinityOf({ cookie: `cookie ${line}` })).toEqual(affinityOf({ cookie: line }));
    const stick = { ...TABLE, stick: ['stick on src'], 'stick-table': 'stick-table type ip size 1m' };
    expect(affinityOf(stick)).toEqual(affinityOf({ stick: ['on src'], 'stick-table': 'type ip size 1m' }));
  });

  it('counts the times of a cookie in seconds and those of a table in milliseconds, where they have no unit', () => {
    expect(affinityOf({ cookie: 'SRV insert maxidle 90' })).toMatchObject({ sources: [{ maxIdle: 90_000 }] });
    const stick = { stick: ['on src'], 'stick-table': 'type ip size 1m expire 90000' };
    expect(affinityOf(stick)).toMatchObject({ idleTimeout: 90_000 });
  });

  it('puts the cookie before the table, and each key of a table in its order', () => {
    const stick = ['match req.cook(SID)', 'store-response res.hdr(X-Session)', 'on src,ipmask(24,64)'];
    expect(affinityOf({ cookie: 'SRV insert', stick, ...TABLE })).toMatchObject({
      sources: [
        { type: 'label-cookie', name: 'SRV' },
        { type: 'app-cookie', name: 'SID', learn: { header: 'X-Session' } },
        { type: 'source-ip', ipv4Prefix: 24, ipv6Prefix: 64 },
      ],
      idleTimeout: 1_800_000,
    });
  });

  it('reads conditions, of which any will do, and whose tests must all hold', () => {
    const line =
      'if { path_beg /a /b } { req.hdr(X-Test) -m str on } or { src 10.0.0.0/8 } or { hdr(X) -m found }';
    expect(affinityOf({ cookie: 'SRV insert', 'force-persist': [line] })).toMatchObject({
      sources: [
        {
          force: [
            { path: '/a', header: 'X-Test', value: 'on' },
            { path: '/b', header: 'X-Test', value: 'on' },
            { address: '10.0.0.0/8' },
            { header: 'X' },
          ],
        },
      ],
    });
  });

  it('learns keys from a cookie and from a header, for every key that is looked up', () => {
    const stick = [
      'match cookie(SID)',
      'match urlp(s)',
      'store-response res.cook(SID)',
      'store-response res.hdr(X)',
    ];
    const learn = { cookie: 'SID', header: 'X' };
    expect(affinityOf({ stick, ...TABLE })).toMatchObject({
      sources: [
        { type: 'app-cookie', name: 'SID', learn },
        { type: 'query', name: 's', learn },
      ],
    });
  });

  it.each([
    [['on cookie(SID)'], { type: 'app-cookie', name: 'SID', given: true }],
    [['on cookie(SID)', 'store-response set-cookie(SID)'], { type: 'app-cookie', name: 'SID', given: true }],
    [
      ['match cookie(SID)', 'store-request cookie(SID)', 'store-response res.hdr(X)'],
      { type: 'app-cookie', name: 'SID', learn: { header: 'X' }, given: true },
    ],
    [['match cookie(SID)', 'store-response set-cookie(SID)'], { type: 'app-cookie', name: 'SID' }],
    [
      ['on hdr(X)', 'store-response res.hdr(X)'],
      { type: 'header', name: 'X', learn: { header: 'X' }, given: true },
    ],
    [['match hdr(X)'], { type: 'header', name: 'X' }],
  ])('has requests make keys up where a rule stores what they bring: %j', (stick, source) => {
    const { sources } = affinityOf({ stick, ...TABLE }) as { sources?: object[] };
    expect(sources).toEqual([source]);
  });

  it.each([
    'unless { src 10.0.0.1 }',
    'if { path_beg /a } { path_beg /b }',
    'if { hdr(A) x } { hdr(B) y }',
    'if { hdr(A) -m beg x }',
    'if { path_beg a }',
    'if { src 10.0.0.0/33 }',
    'if trusted',
    'if',
  ])('refuses the condition %s, which it could not keep to', (written) => {
    const expected = 'if with { path_beg … }, { src … } or { hdr(NAME) … }, "or" between alternatives';
    expect(objections({ cookie: 'SRV insert', 'force-persist': [written] })).toEqual([
      `force-persist.0: ${expected}`,
    ]);
  });

  it('bounds the alternatives of a condition, however many its tests would have together', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `/${index}`).join(' ');
    const line = `if { path_beg ${many} } { hdr(A) ${many} } { src 10.0.0.1 10.0.0.2 }`;
    expect(objections({ cookie: 'SRV insert', 'ignore-persist': [line] })).toEqual([
      'ignore-persist.0: at most 16 alternatives',
    ]);
  });

  it.each<[string, object, string]>([
    ['no line', {}, 'cookie: a line of cookie or of stick'],
    [
      'no mode',
      { cookie: 'SRV' },
      'cookie: insert, prefix, rewrite or indirect, without which HAProxy goes by no cookie',
    ],
    ['two modes', { cookie: 'SRV rewrite prefix' }, 'cookie: one of insert, prefix and rewrite'],
    [
      'an unknown option',
      { cookie: 'SRV insert indirekt' },
      'cookie: only the options of a cookie line of HAProxy',
    ],
    ['preserve alone', { cookie: 'SRV prefix preserve' }, 'cookie: insert or indirect beside preserve'],
    ['a date without insert', { cookie: 'SRV prefix maxidle 3m' }, 'cookie: insert beside maxidle'],
    [
      'no time',
      { cookie: 'SRV insert maxlife soon' },
      'cookie: a time from 1s to 365d, such as 30m behind maxlife',
    ],
    [
      'a time of two units, of which HAProxy takes the first or none',
      { cookie: 'SRV insert maxlife 1h30m' },
      'cookie: a time from 1s to 365d, such as 30m behind maxlife',
    ],
    [
      'a time that is long and wrong',
      { cookie: `SRV insert maxlife ${'9'.repeat(100)}x` },
      'cookie: a time from 1s to 365d, such as 30m behind maxlife',
    ],
    ['dynamic without a key', { cookie: 'SRV insert dynamic' }, 'dynamic-cookie-key: a key beside dynamic'],
    ['no table', { stick: ['on src'] }, 'stick-table: a stick-table beside stick'],
    [
      'a table without size',
      { stick: ['on src'], 'stick-table': 'type ip' },
      'stick-table: type and size, such as type ip size 1m expire 30m',
    ],
    [
      'another sample',
      { stick: ['on ssl_fc_session_id'], ...TABLE },
      'stick.0: src, cookie(NAME), hdr(NAME), urlp(NAME), and of a response res.cook(NAME) or res.hdr(NAME)',
    ],
    [
      'a rule with a condition',
      { stick: ['on src if x'], ...TABLE },
      'stick.0: neither a table of another section nor a condition',
    ],
    [
      'two cookies of responses',
      { stick: ['match urlp(s)', 'store-response res.cook(A)', 'store-response res.cook(B)'], ...TABLE },
      'stick: "stick store-response" of a cookie, of a header, or of one of each',
    ],
    [
      'what is never looked up',
      { stick: ['store-request src'], ...TABLE },
      'stick: a "stick match" or "stick on" that looks up what is stored',
    ],
    [
      'a factor of 100',
      { cookie: 'SRV insert', 'hash-balance-factor': 100 },
      'hash-balance-factor: 0, or a whole number from 101',
    ],
  ])('says what it expects instead of %s', (_what, values, objection) => {
    expect(objections(values)).toContain(objection);
  });
});
