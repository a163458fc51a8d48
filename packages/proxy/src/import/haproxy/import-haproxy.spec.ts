import { describe, expect, it } from 'vitest';
import { configOf, noted } from '../testing/imported-config.ts';
import { importHaproxy } from './import-haproxy.ts';

const poolOf = (lines: string) =>
  configOf(importHaproxy(`backend shop\n${lines}\nserver a 10.0.0.1:80\nserver b 10.0.0.2:80`)).pools[0]!;

describe('the HAProxy configuration of the source documents', () => {
  it('carries the cookie over with its endpoints and the values that name them', () => {
    const imported = importHaproxy(`backend myapp
balance roundrobin
cookie SERVERID insert nocache # Cookie-based stickiness
server s1 10.0.0.1:80 cookie s1
server s2 10.0.0.2:80 cookie s2
`);
    const { listeners, pools } = configOf(imported);
    expect(imported.notes).toEqual([]);
    expect(listeners).toMatchObject([{ routes: [{ pool: 'myapp' }] }]);
    expect(pools).toMatchObject([
      {
        name: 'myapp',
        balance: { policy: 'round-robin' },
        endpoints: [
          { id: 's1', url: 'http://10.0.0.1:80', label: 's1' },
          { id: 's2', url: 'http://10.0.0.2:80', label: 's2' },
        ],
        affinity: {
          labels: [{ type: 'label-cookie', name: 'SERVERID', mode: 'insert', hidden: false, failover: true }],
          sources: [],
        },
      },
    ]);
  });
});

describe('importHaproxy', () => {
  it.each([
    ['balance source', { type: 'source-ip', mode: 'hash' }],
    ['balance hdr(X-User)', { type: 'header', name: 'X-User' }],
    ['balance url_param sid', { type: 'query', name: 'sid' }],
    [
      'stick-table type ip size 1m expire 30m\nstick on src',
      { type: 'source-ip', mode: 'table', ipv4Prefix: 32 },
    ],
    ['stick on req.cook(SID)', { type: 'app-cookie', name: 'SID', given: true }],
    [
      'stick on req.cook(SID)\nstick store-response res.cook(SID)',
      { type: 'app-cookie', name: 'SID', given: true },
    ],
    ['stick on src,ipmask(24,64)', { type: 'source-ip', ipv4Prefix: 24, ipv6Prefix: 64 }],
    ['stick store-response res.cook(SID)\nstick match req.cook(SID)', { type: 'app-cookie', name: 'SID' }],
    [
      'stick store-response res.hdr(Mcp-Session-Id)\nstick on req.hdr(Mcp-Session-Id)',
      { type: 'header', name: 'Mcp-Session-Id', learn: { header: 'Mcp-Session-Id' }, given: true },
    ],
    ['cookie JSESSIONID prefix', { type: 'app-cookie', name: 'JSESSIONID' }],
    [
      'cookie S insert indirect secure domain .example.com attr "SameSite=None"',
      { type: 'cookie', name: 'S', cookie: { secure: 'always', domain: 'example.com', sameSite: 'None' } },
    ],
  ])('knows sessions by %j', (lines, source) => {
    expect(poolOf(lines).affinity.sources).toMatchObject([source]);
  });

  it.each([
    ['cookie S insert maxidle 30m maxlife 8h', [1_800_000, 28_800_000]],
    ['cookie S insert maxidle 600', [600_000, 86_400_000]],
    ['cookie S insert maxlife 5m', [300_000, 300_000]],
    ['cookie S insert maxidle 2d', [172_800_000, 172_800_000]],
    ['stick-table type ip size 1m expire 30m\nstick on src', [1_800_000, 86_400_000]],
  ])('keeps sessions for as long as %j does', (lines, expected) => {
    const { affinity } = poolOf(lines);
    expect([affinity.idleTimeout, affinity.absoluteTimeout]).toEqual(expected);
  });

  it('has the cookie lines mean what they mean in HAProxy, where servers have values', () => {
    const imported = importHaproxy(`backend shop
  cookie S insert indirect maxidle 30m attr "SameSite=None" secure
  server a 10.0.0.1:80 cookie one
  server b 10.0.0.2:80`);
    const { endpoints, affinity } = configOf(imported).pools[0]!;
    expect(endpoints.map(({ label }) => label)).toEqual(['one', undefined]);
    expect(affinity.labels).toMatchObject([
      { hidden: true, maxIdle: 1_800_000, cookie: { sameSite: 'None', secure: 'always' } },
    ]);
    expect(imported).toMatchObject({ notes: [], yaml: expect.not.stringContaining('secrets') });
  });

  it.each([
    ['that the profile of HAProxy does not keep to', 'cookie S insert attr "Partitioned"', 'cookie one'],
    ['whose values come from a key', 'cookie S insert dynamic', 'cookie one'],
    ['of servers without values', 'cookie S insert', ''],
  ])('makes a sealed cookie of a line %s', (_what, cookie, value) => {
    const imported = importHaproxy(`backend shop\n${cookie}\nserver a 10.0.0.1:80 ${value}`);
    const { endpoints, affinity } = configOf(imported).pools[0]!;
    expect(affinity).toMatchObject({ labels: [], sources: [{ type: 'cookie', name: 'S' }] });
    expect(endpoints[0]?.label).toBeUndefined();
  });

  it('routes by the host and path of acl lines and of conditions in braces', () => {
    const imported = importHaproxy(`defaults
  mode http
frontend web
  bind *:80
  acl api path_beg /api
  acl shop hdr(host) -i shop.example
  acl shop hdr(host) -i www.shop.example
  use_backend b if api shop
  use_backend c if { hdr(host) -i c.example } or { hdr_end(host) -i .c.example }
  use_backend c if { src 10.0.0.0/8 }
  default_backend a
backend a
  server a 10.0.0.1:80
backend b
  server b 10.0.0.2:80
backend c
  server c 10.0.0.3:80`);
    expect(configOf(imported).listeners[0]?.routes).toEqual([
      { match: { host: 'shop.example', path: '/api' }, pool: 'b' },
      { match: { host: 'www.shop.example', path: '/api' }, pool: 'b' },
      { match: { host: 'c.example', path: '/' }, pool: 'c' },
      { match: { host: '*.c.example', path: '/' }, pool: 'c' },
      { match: { path: '/' }, pool: 'a' },
    ]);
    expect(noted(imported)).toEqual(['10 use_backend']);
  });

  it('leaves out a rule that only holds where something does not', () => {
    const imported = importHaproxy(`frontend web
  bind :80
  acl api path_beg /api
  use_backend a if !api
  default_backend b
backend a
  server a 10.0.0.1:80
backend b
  server b 10.0.0.2:80`);
    expect(configOf(imported).listeners[0]?.routes).toMatchObject([{ pool: 'b' }]);
    expect(noted(imported)).toEqual(['4 use_backend']);
  });

  it('checks an endpoint as often as HAProxy does, where a server does not say how often', () => {
    const imported = importHaproxy(`backend shop
  option httpchk GET /up
  server a 10.0.0.1:80 check`);
    expect(configOf(imported).pools).toMatchObject([
      { healthCheck: { path: '/up', interval: 2_000, unhealthyAfter: 3, healthyAfter: 2 } },
    ]);
  });

  it('gives settings of the defaults, and of default-server, to what comes behind them', () => {
    const imported = importHaproxy(`defaults
  timeout connect 5s
  timeout client 50000
  timeout queue 3s
backend shop
  option httpchk GET /up
  http-check expect status 204
  default-server inter 5s fall 2 rise 4 slowstart 30s
  server a 10.0.0.1:80 check weight 10 maxconn 50
  server b 10.0.0.2:80 check backup
  server c 10.0.0.3:80 disabled`);
    expect(configOf(imported).pools).toMatchObject([
      {
        endpoints: [
          { id: 'a', weight: 10, maxConnections: 50 },
          { id: 'b', backup: true },
        ],
        healthCheck: { path: '/up', status: '204', interval: 5_000, unhealthyAfter: 2, healthyAfter: 4 },
        timeouts: { connect: 5_000, queue: 3_000 },
        slowStart: 30_000,
      },
    ]);
    expect(noted(imported)).toEqual(['11 server c']);
  });

  it('names every time that it cannot read, which HAProxy does not either', () => {
    const imported = importHaproxy(`backend shop
  timeout connect 1h30m
  timeout server 0
  cookie S insert maxidle soon
  option httpchk GET /up
  server a 10.0.0.1:80 check inter 5x`);
    expect(configOf(imported).pools[0]).toMatchObject({ timeouts: { connect: 1_000, response: 60_000 } });
    expect(noted(imported)).toEqual(['2 timeout connect', '4 cookie', '5 option httpchk', '6 check']);
  });

  it('makes a tcp listener of a proxy in tcp mode', () => {
    const imported = importHaproxy(`listen db
  mode tcp
  bind :3306
  balance source
  timeout client 1h
  server a 10.0.0.1:3306 send-proxy-v2`);
    expect(imported.notes).toEqual([]);
    expect(configOf(imported)).toMatchObject({
      listeners: [{ protocol: 'tcp', timeouts: { idle: 3_600_000 } }],
      pools: [{ endpoints: [{ url: 'tcp://10.0.0.1:3306' }], proxyProtocol: 'v2' }],
    });
  });

  it('lets the cookie count where there is a table as well, as HAProxy does', () => {
    const imported = importHaproxy(`backend shop
  cookie S insert
  stick-table type ip size 1m
  stick on src
  server a 10.0.0.1:80`);
    expect(configOf(imported).pools[0]?.affinity.sources).toMatchObject([{ type: 'cookie' }]);
    expect(noted(imported)).toEqual(['3 stick-table', '4 stick']);
  });

  it('leaves out a rule of more hosts and paths than routes should be made of, and carries over one of a hundred', () => {
    const acl = (name: string, count: number) =>
      Array.from({ length: count }, (_, index) => `  acl ${name} hdr(host) h${index}.example\n`).join('');
    const imported = importHaproxy(
      `backend a\n  server a 10.0.0.1:80\nfrontend f\n  bind :80\n${acl('few', 100)}${acl('many', 1_025)}  use_backend a if few\n  use_backend a if many\n`,
    );
    expect(configOf(imported).listeners[0]?.routes).toHaveLength(100);
    expect(noted(imported)).toEqual(['1131 use_backend']);
  });

  it('names every line that it leaves out', () => {
    const imported = importHaproxy(`global
  daemon
frontend web
  bind :80
  option forwardfor
  http-request set-header X-A b
  default_backend shop
backend shop
  frobnicate
  server a 10.0.0.1:80 check sni str(x) frob`);
    expect(noted(imported)).toEqual([
      '1 global',
      '5 option forwardfor',
      '6 http-request set-header',
      '9 frobnicate',
      '10 server a',
      '10 server a',
      '10 check',
    ]);
    configOf(imported);
  });

  it.each([
    ['server a 10.0.0.1', 1, 'expected a section'],
    ['backend a\n server "x', 2, 'expected the quote to end'],
    ['', 1, 'expected a backend'],
    ['#'.repeat(600_000), 1, 'at most 512 KiB'],
  ])('says where a text ends to be one: %.20s', (text, line, reason) => {
    expect(importHaproxy(text)).toMatchObject({
      kind: 'unreadable',
      notes: [{ line, reason: expect.stringContaining(reason) }],
    });
  });
});
